import { leaseModelSuite } from '../../../suites/lease-model.js';
import { flushedRedis } from '../../../support/redis.js';

const url = async () => (await flushedRedis()).url;

leaseModelSuite('in Redis', async () => [await url()]);
// Each server has a primary of its own and none knows of the other.
leaseModelSuite('in a Redis that is two', async () => [await url(), await url()]);
