import { leaseModelSuite } from '../../../suites/lease-model.js';

leaseModelSuite('in Postgres', async () => []);
