import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLiveCalls, type LiveCalls, type LiveEvent } from '../../../../server/domain/reports/live.js';
import { createPool } from '../../../../server/stores/postgres/pool.js';
import { createCallChangeStore } from '../../../../server/stores/postgres/reports/call-changes.js';
import { createDatabase, type TestDatabase } from '../../../support/database.js';
import { addCall, addSite, addTracker } from '../../stores/postgres/reports/rows.js';

// Two servers on one database, and calls that change in transactions which overlap as they like.

let database: TestDatabase;
let pools: [pg.Pool, pg.Pool];
let servers: [LiveCalls, LiveCalls];
let writers: pg.Client[];
let failures: unknown[];
beforeAll(async () => {
  database = await createDatabase();
  const open = () =>
    createPool({ connection: { connectionString: database.url }, max: 3, onError: () => {} });
  pools = [open(), open()];
  failures = [];
  const live = (pool: pg.Pool) =>
    createLiveCalls({
      changes: createCallChangeStore(pool, pool),
      onError: (error) => failures.push(error),
      everyMs: 5,
    });
  servers = [live(pools[0]), live(pools[1])];
  writers = [0, 1, 2].map(() => new pg.Client(database.url));
  for (const writer of writers) await writer.connect();
});
afterAll(async () => {
  for (const writer of writers) await writer.end();
  for (const server of servers) server.close();
  for (const pool of pools) await pool.end();
  await database.drop();
});

interface Client {
  /** Of each connection what was told on it. */
  told: LiveEvent[][];
  leave: () => void;
}

const none = { transaction: '0', id: '0' };

/** Connects a client (again), from where it was told last. */
async function connect(client: Client, at: number, siteId: string | null, start = none): Promise<void> {
  const from = client.told.flat().at(-1)?.position ?? start;
  const own: LiveEvent[] = [];
  client.told.push(own);
  let isGone = false;
  const { leave } = await (servers[at] as LiveCalls).watch(
    {
      siteId,
      tell: (event) => {
        if (!isGone) own.push(event);
      },
      room: async () => !isGone,
      end: () => {},
    },
    from,
  );
  client.leave = () => {
    isGone = true;
    leave();
  };
}

type Step =
  | { do: 'write' | 'commit' | 'rollback'; by: number }
  | { do: 'reconnect'; at: number }
  | { do: 'rest' };

const by = fc.nat(2);
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.record({ do: fc.constant('write' as const), by }), weight: 5 },
  { arbitrary: fc.record({ do: fc.constantFrom('commit' as const, 'rollback' as const), by }), weight: 4 },
  { arbitrary: fc.record({ do: fc.constant('reconnect' as const), at: fc.nat(1) }), weight: 2 },
  { arbitrary: fc.record({ do: fc.constant('rest' as const) }), weight: 2 },
);

const idsOf = (events: LiveEvent[]) => events.map(({ call }) => call.id).sort();

test('every change that is committed reaches who goes on from the last, once a connection', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const site = await addSite(pools[0]);
      const tracker = await addTracker(pools[0], site);
      const start = await createCallChangeStore(pools[0], pools[0]).now();
      const client: Client = { told: [], leave: () => {} };
      await connect(client, 0, site.id, start);

      const written: string[][] = [[], [], []];
      const committed: string[] = [];
      const end = async (by: number, how: 'commit' | 'rollback') => {
        const calls = written[by]?.splice(0) ?? [];
        if (calls.length > 0) await writers[by]?.query(how);
        if (how === 'commit') committed.push(...calls);
      };
      for (const one of steps) {
        if (one.do === 'write') {
          const writer = writers[one.by] as pg.Client;
          if (written[one.by]?.length === 0) await writer.query('begin');
          const call = await addCall(writer as never, tracker, null, { status: 'in_progress' });
          written[one.by]?.push(call.id);
        } else if (one.do === 'reconnect') {
          client.leave();
          await connect(client, one.at, site.id, start);
        } else if (one.do === 'rest') await new Promise((resolve) => setTimeout(resolve, 8));
        else await end(one.by, one.do);
      }
      for (const by of [0, 1, 2]) await end(by, 'commit');

      // Another client that was away all the while.
      const late: Client = { told: [], leave: () => {} };
      await connect(late, 1, site.id, start);
      committed.sort();
      await expect.poll(() => idsOf(late.told.flat()), { timeout: 10_000, interval: 5 }).toEqual(committed);
      await expect
        .poll(() => [...new Set(idsOf(client.told.flat()))], { timeout: 10_000, interval: 5 })
        .toEqual(committed);
      for (const told of client.told) expect(new Set(idsOf(told)).size).toBe(told.length);
      client.leave();
      late.leave();
    }),
    { numRuns: 25 },
  );
  expect(failures).toEqual([]);
}, 60_000);

test('who comes without a position is told what happens from then on, of its site alone', async () => {
  const [site, other] = [await addSite(pools[0]), await addSite(pools[0])];
  const [own, theirs] = [await addTracker(pools[0], site), await addTracker(pools[0], other)];
  await addCall(pools[0], own, null);
  const told: LiveEvent[] = [];
  const watcher = {
    siteId: site.id,
    tell: (event: LiveEvent) => told.push(event),
    room: async () => true,
    end: () => {},
  };
  const { leave } = await servers[0].watch(watcher, null);
  await addCall(pools[0], theirs, null);
  const call = await addCall(pools[1], own, null, { status: 'in_progress' });
  await expect.poll(() => told.length, { timeout: 10_000 }).toBeGreaterThan(0);
  expect(told).toMatchObject([{ type: 'started', call: { id: call.id, status: 'in_progress' } }]);
  expect(servers[0].watching()).toBe(1);
  leave();
  expect(servers[0].watching()).toBe(0);
});

test('who stops takes nobody any more, and ends those there are', async () => {
  const server = createLiveCalls({
    changes: createCallChangeStore(pools[0], pools[0]),
    onError: () => {},
  });
  let ended = 0;
  const watcher = {
    siteId: null,
    tell: () => {},
    room: async () => true,
    end: () => {
      ended += 1;
    },
  };
  await server.watch(watcher, null);
  server.close();
  expect(ended).toBe(1);
  await expect(server.watch(watcher, null)).rejects.toMatchObject({ code: 'unavailable' });
});
