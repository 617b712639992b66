import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { emptyLedger } from '../../../scripts/faults/ledger.js';
import { readStored } from '../../../scripts/faults/verify.js';
import { newId } from '../../../server/lib/ids.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';

const NUMBER = '+12025550100';
const site = newId();

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await createDatabase();
  client = new pg.Client(database.url);
  await client.connect();
  // Without it the database takes what it never would.
  await client.query('alter table leases disable trigger take_number');
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

/** A lease from and to a minute of 2040; `to` null: it goes on. */
async function addLease(
  from: number,
  to: number | null,
  visitor = newId(),
  number = NUMBER,
): Promise<string> {
  const id = newId();
  await client.query(
    `insert into leases (
      id, site_id, tracker_id, number, visitor_id, assignment, leased_at, last_seen_at, promised_until,
      reserved_until, ended_at, end_reason
    )
    select $1, $2, $2, $3, $4, 'exclusive', at, at, at, at + interval '10 minutes', $6, $7
    from (select $5::timestamptz as at) as one`,
    [id, site, number, visitor, time(from), to === null ? null : time(to), to === null ? null : 'expired'],
  );
  return id;
}

const time = (minute: number) => new Date(Date.UTC(2040, 0, 1, 0, minute));

test('leases that follow each other do not overlap, others do', async () => {
  await addLease(0, 5);
  await addLease(5, null);
  await addLease(15, 20);
  await addLease(3, 18, newId(), '+12025550101');
  expect((await readStored(database.url, emptyLedger())).overlaps).toBe(0);
  await addLease(14, 16);
  expect((await readStored(database.url, emptyLedger())).overlaps).toBe(2);
});

test('a number is shown with a lease of it to that visitor, or without', async () => {
  const visitor = newId();
  const lease = await addLease(30, 40, visitor);
  const shown = { number: NUMBER, visitor, lease, askedAt: 0, answeredAt: 0, promisedMs: 0 };
  const count = async (told: typeof shown) =>
    (await readStored(database.url, { ...emptyLedger(), shown: [told] })).withoutLease;
  expect(await count(shown)).toBe(0);
  expect(await count({ ...shown, lease: newId() })).toBe(1);
  expect(await count({ ...shown, visitor: newId() })).toBe(1);
  expect(await count({ ...shown, number: '+12025550101' })).toBe(1);
});

test('what was acknowledged is there, or lost', async () => {
  const [visitor, view] = [newId(), newId()];
  const now = time(0);
  await client.query(
    `with visitor as (
      insert into visitors (id, site_id, first_seen_at, withdrawn_at) values ($1, $3, $4, $4)
    ),
    view as (
      insert into page_views (id, site_id, visitor_id, session_id, viewed_at, url) values ($2, $3, $1, $1, $4, '')
    ),
    tap as (
      insert into taps (id, site_id, visitor_id, number, tapped_at) values ($2, $3, $1, '${NUMBER}', $4)
    ),
    code as (
      insert into codes (id, site_id, code, visitor_id, page_url, created_at, expires_at)
      values ($2, $3, '1234', $1, '', $4, $4)
    )
    insert into leads (id, site_id, type, created_at, email, fields) values ($2, $3, 'form', $4, 'a@shop.example', '{}')`,
    [visitor, view, site, now],
  );
  const tap = { visitor, number: NUMBER };
  const told = {
    ...emptyLedger(),
    views: [view],
    taps: [tap],
    codes: [{ visitor, code: '1234' }],
    leads: ['a@shop.example'],
    withdrawn: [visitor],
  };
  expect((await readStored(database.url, told)).lost).toEqual({});

  await client.query('update visitors set withdrawn_at = null');
  const more = {
    ...told,
    views: [view, newId()],
    taps: [tap, tap],
    codes: [{ visitor: newId(), code: '1234' }],
    leads: ['a@shop.example', 'b@shop.example'],
  };
  expect((await readStored(database.url, more)).lost).toEqual({
    views: 1,
    taps: 1,
    codes: 1,
    leads: 1,
    withdrawals: 1,
  });
});
