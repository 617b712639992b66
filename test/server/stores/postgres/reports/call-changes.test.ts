import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallChangeStore, ChangePosition } from '../../../../../server/stores/call-changes.js';
import { createPool } from '../../../../../server/stores/postgres/pool.js';
import { createCallChangeStore } from '../../../../../server/stores/postgres/reports/call-changes.js';
import { createReportStore } from '../../../../../server/stores/postgres/reports/report-store.js';
import { createDatabase, type TestDatabase } from '../../../../support/database.js';
import { addCall, addDecision, addSite, addTracker } from './rows.js';

type Row = Awaited<ReturnType<typeof addSite>>;

let database: TestDatabase;
let pool: pg.Pool;
let store: CallChangeStore;
let site: Row;
let tracker: Row;
beforeAll(async () => {
  database = await createDatabase();
  pool = createPool({ connection: { connectionString: database.url }, max: 2, onError: () => {} });
  store = createCallChangeStore(pool, pool);
  site = await addSite(pool);
  tracker = await addTracker(pool, site);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** What is written of a call, oldest first. */
async function typesOf(call: Row): Promise<string[]> {
  const { rows } = await pool.query(
    'select type from call_changes where call_id = $1 order by written_by, id',
    [call.id],
  );
  return rows.map(({ type }) => type);
}
/** Where changes are, once nothing of before is under way; other tests use the same server. */
async function settledNow(): Promise<ChangePosition> {
  for (;;) {
    const position = await store.now();
    if ((await store.after(position, [])).changes.length === 0) return position;
  }
}

/** What is there after a position, once all of it is settled. */
async function settledAfter(position: ChangePosition, known: string[]) {
  for (;;) {
    const found = await store.after(position, known);
    if (found.changes.every(({ is_settled }) => is_settled)) return found;
  }
}

const set = (call: Row, change: string) => pool.query(`update calls set ${change} where id = $1`, [call.id]);

describe('what is written of a call', () => {
  test('is its start, its decisions, its end, and what people see change', async () => {
    const call = await addCall(pool, tracker, null, { status: 'in_progress', duration: null });
    expect(await typesOf(call)).toEqual(['started']);
    await addDecision(pool, call);
    await set(
      call,
      "method = 'recency', confidence = 0.9, source = 'google', updated_at = clock_timestamp()",
    );
    await set(call, "status = 'in_progress', duration = null, updated_at = clock_timestamp()");
    expect(await typesOf(call)).toEqual(['started', 'attributed']);
    await set(call, "caller_name = 'ANNE'");
    await set(call, "status = 'answered', duration = 90");
    await set(call, "recording_url = 'https://a.example/1'");
    await set(call, "status = 'voicemail'");
    expect(await typesOf(call)).toEqual(['started', 'attributed', 'updated', 'ended', 'updated', 'updated']);
  });

  test('that is known by its end alone is both', async () => {
    expect(await typesOf(await addCall(pool, tracker, null))).toEqual(['started', 'ended']);
  });

  test('by people is told once, and not where nothing changed', async () => {
    const reports = createReportStore(pool);
    const call = await addCall(pool, tracker, null);
    await reports.changeCall(call.id, { tags: ['vip'], note: 'x', value: 10 });
    await reports.changeCall(call.id, { tags: ['vip'], value: 10 });
    await reports.changeTags([call.id], null, { add: ['late'] });
    await reports.changeTags([call.id], null, { add: ['late'] });
    expect(await typesOf(call)).toEqual(['started', 'ended', 'updated', 'updated']);
  });

  test('is not there where the change was rolled back', async () => {
    const client = new pg.Client(database.url);
    await client.connect();
    const call = await addCall(pool, tracker, null);
    await client.query('begin');
    await client.query("update calls set note = 'x' where id = $1", [call.id]);
    await client.query('rollback');
    await client.end();
    expect(await typesOf(call)).toEqual(['started', 'ended']);
  });
});

test('nothing is passed over that a transaction writes that began before the others and ends after them', async () => {
  const slow = new pg.Client(database.url);
  await slow.connect();
  const begin = await settledNow();
  await slow.query('begin');
  // It has its number from here on.
  await slow.query('select pg_current_xact_id()');
  const quick = await addCall(pool, tracker, null, { status: 'in_progress' });
  const first = await store.after(begin, []);
  expect(first.changes).toMatchObject([{ call_id: quick.id, type: 'started', is_settled: false }]);
  expect(await store.between(begin, first.position, null, 10)).toEqual([]);

  const late = await addCall(pool, tracker, null, { status: 'in_progress' });
  await slow.query("update calls set note = 'x' where id = $1", [quick.id]);
  await slow.query('commit');
  await slow.end();
  const known = first.changes.map(({ id }) => id);
  const second = await settledAfter(first.position, known);
  expect(second.changes).toMatchObject([
    { call_id: quick.id, type: 'updated' },
    { call_id: late.id, type: 'started' },
  ]);
  const all = await store.between(begin, second.position, site.id, 10);
  expect(all.map(({ call_id, type }) => [call_id, type])).toEqual([
    [quick.id, 'updated'],
    [quick.id, 'started'],
    [late.id, 'started'],
  ]);
  expect(await store.between(all[0] as never, second.position, site.id, 1)).toEqual([all[1]]);
  const other = await addSite(pool);
  expect(await store.between(begin, second.position, other.id, 10)).toEqual([]);
  expect((await store.after(second.position, [])).changes).toEqual([]);
});

test('what a copy of another server brought along, from transactions that are not yet, is passed over', async () => {
  const begin = await settledNow();
  await pool.query(
    `insert into call_changes (written_by, site_id, call_id, type)
    values ('4000000000', $1, $1, 'updated')`,
    [site.id],
  );
  const call = await addCall(pool, tracker, null, { status: 'in_progress' });
  expect((await store.after(begin, [])).changes).toMatchObject([{ call_id: call.id }]);
});

test('more than is read at once comes in order, the rest the next time', async () => {
  const begin = await settledNow();
  await pool.query(
    `insert into call_changes (site_id, call_id, type)
    select $1, $1, 'updated'
    from generate_series(1, 1200)`,
    [site.id],
  );
  const seen: string[] = [];
  for (let position = begin, isAll = false; !isAll; ) {
    const found = await store.after(position, seen);
    ({ position, isAll } = found);
    seen.push(...found.changes.map(({ id }) => id));
  }
  expect(seen).toHaveLength(1200);
  expect(seen.map(Number)).toEqual(seen.map(Number).sort((a, b) => a - b));
});

test('what is older than so many days is deleted, and nothing else', async () => {
  const call = await addCall(pool, tracker, null);
  await pool.query(
    "update call_changes set changed_at = changed_at - interval '4 days' where call_id <> $1",
    [call.id],
  );
  expect(await store.prune(3)).toBeGreaterThan(1200);
  const { rows } = await pool.query('select distinct call_id from call_changes');
  expect(rows).toEqual([{ call_id: call.id }]);
  expect(await store.prune(3)).toBe(0);
});
