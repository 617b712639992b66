// What the service is compared with: (a) Fastify that reads JSON and answers JSON, and (b) that plus one Lua lease.
// Run as a child of bench.ts; environment: PORT, REDIS_URL. Prints "ready".
import fastify from 'fastify';
import { Redis } from 'ioredis';
import type { NumberTruth, Pool } from '../../server/stores/lease-store.js';
import { createRedisLeaseStore } from '../../server/stores/redis/lease-store.js';
import { defineScripts } from '../../server/stores/redis/scripts.js';

const NUMBERS = Array.from({ length: 10_000 }, (_, at) => `+1999${String(at).padStart(7, '0')}`);

const pool: Pool = {
  trackerId: '00000000-0000-7000-8000-000000000001',
  siteId: '00000000-0000-7000-8000-000000000002',
  version: 1,
  reservationSeconds: 1800,
  minReservationSeconds: 300,
};

const free = (number: string): NumberTruth => ({
  number,
  leaseId: null,
  visitorId: null,
  assignment: 'exclusive',
  open: false,
  signAge: null,
  promisedFor: 0,
  reservedFor: 0,
});

const redis = new Redis(process.env.REDIS_URL as string);
const leases = createRedisLeaseStore(
  redis,
  {
    numbersOf: async () => NUMBERS,
    readNumbers: async (_, { numbers }) => numbers.map(free),
    writeSigns: async (signs) => new Set(signs.map((sign) => sign.leaseId)),
  },
  { isAway: () => false, onError: console.error, onRenewalRefused: () => {} },
);

const run = defineScripts(redis);
const WINDOWS_MS = [1_800_000, 1_800_000, 300_000];
// Loads the pool.
await leases.acquire({ pool, visitorId: pool.siteId, leaseId: pool.siteId, ownSeconds: 1800 });

const app = fastify({ logger: false });
app.post('/bare', async (request) => ({ ok: true, visitor: (request.body as { visitor: string }).visitor }));
app.post('/lease', async (request) => {
  const { visitor } = request.body as { visitor: string };
  // Called for each request by itself, where the service asks for all that came in together.
  const replies = await run('acquire', pool.trackerId, ['', 2_000, 1, visitor, visitor, ...WINDOWS_MS, 0]);
  const [[status, number]] = replies as [[string, string]];
  return { ok: status === 'live' || status === 'new', number };
});
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
console.log('ready');
