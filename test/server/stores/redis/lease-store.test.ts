import { leaseStoreSuite } from '../../../suites/lease-store.js';
import { flushedRedis } from '../../../support/redis.js';

leaseStoreSuite('in Redis', { redis: flushedRedis });
