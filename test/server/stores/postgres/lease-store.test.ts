import { leaseStoreSuite } from '../../../suites/lease-store.js';

leaseStoreSuite('in Postgres', {});
