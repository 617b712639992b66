import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../../../server/lib/ids.js';
import type { LeaseHistory } from '../../../../server/stores/lease-history.js';
import { createLeaseHistory } from '../../../../server/stores/postgres/lease-history.js';
import { createPool, type Pool } from '../../../../server/stores/postgres/pool.js';
import { createSettingsStore } from '../../../../server/stores/postgres/settings/settings.js';
import { createVisitorStore } from '../../../../server/stores/postgres/visitors.js';
import { createDatabase, type TestDatabase } from '../../../support/database.js';
import { fictionalNumbers } from '../../../support/fictional-numbers.js';
import { newSite, newTracker } from '../../../support/settings-rows.js';

let database: TestDatabase;
let pool: Pool;
let history: LeaseHistory;
let used = 0;
let siteId: string;
let trackerId: string;
let number: string;
let visitor: string;

beforeAll(async () => {
  database = await createDatabase();
  pool = createPool({ connection: { connectionString: database.url }, max: 5, onError: () => {} });
  history = createLeaseHistory(pool);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  const settings = createSettingsStore(pool);
  const site = newSite();
  siteId = (await settings.createSite(site)).id;
  const numbers = fictionalNumbers(1, used++);
  trackerId = (await settings.createTracker(newTracker(siteId, { numbers }))).id;
  number = numbers[0] ?? '';
  visitor = newId();
});

const DAY = 86_400;

/** A lease whose only sign was so many seconds ago, by the database's clock. */
async function leased(secondsAgo: number): Promise<string> {
  const id = newId();
  await pool.query(
    `insert into leases (
      id, site_id, tracker_id, number, visitor_id, assignment, leased_at, last_seen_at, promised_until, reserved_until
    )
    select $1, $2, $3, $4, $5, 'exclusive', at, at, at + interval '300 s', at + interval '1800 s'
    from (select clock_timestamp() - make_interval(secs => $6) as at) as clock`,
    [id, siteId, trackerId, number, visitor, secondsAgo],
  );
  return id;
}

const told = async () => (await history.readNumbers(trackerId, { numbers: [number] }))[0];

const read = async (id: string) =>
  (
    await pool.query(
      `select *, extract(epoch from ended_at - leased_at)::float8 as lasted from leases where id = $1`,
      [id],
    )
  ).rows[0];

describe('a lease that ran out days ago', () => {
  const endings: [string, () => Promise<unknown>][] = [
    ['its visitor withdraws', () => createVisitorStore(pool).withdraw(siteId, visitor)],
    ['its number is retired', () => createSettingsStore(pool).retireNumber(number)],
    ['its tracker is retired', () => createSettingsStore(pool).retireTracker(trackerId)],
    ['its site is retired', () => createSettingsStore(pool).retireSite(siteId)],
  ];
  it.each(endings)('did not go on until %s', async (_, happen) => {
    const id = await leased(2 * DAY);
    await happen();
    expect(await read(id)).toMatchObject({ end_reason: 'expired', lasted: 1800 });
  });

  it('is not wakened by a call on its number', async () => {
    const id = await leased(2 * DAY);
    await history.hold(number, 600);
    expect(await history.held(siteId, visitor, number)).toBeNull();
    expect(await read(id)).toMatchObject({ end_reason: null });
  });

  it('is not told to a lease store as one that stands, even when a call holds its number', async () => {
    await leased(2 * DAY);
    await history.hold(number, 600);
    const truth = await told();
    expect(truth).toMatchObject({ open: false, visitorId: visitor });
    expect(truth?.promisedFor).toBeLessThan(0);
    expect(truth?.reservedFor).toBeGreaterThan(500_000);
  });
});

describe('a live lease', () => {
  const endings: [string, () => Promise<unknown>][] = [
    ['withdrawn', () => createVisitorStore(pool).withdraw(siteId, visitor)],
    ['removed', () => createSettingsStore(pool).retireNumber(number)],
  ];
  it.each(endings)('ends now when it is %s', async (reason, happen) => {
    const id = await leased(100);
    await happen();
    const row = await read(id);
    expect(row.end_reason).toBe(reason);
    expect(row.lasted).toBeGreaterThanOrEqual(100);
    expect(row.lasted).toBeLessThan(1800);
  });

  it('is held by its visitor only, on its site only', async () => {
    const id = await leased(100);
    expect(await history.held(siteId, visitor, number)).toBe(id);
    expect(await history.held(siteId, newId(), number)).toBeNull();
    expect(await history.held(newId(), visitor, number)).toBeNull();
  });

  it('is told as it is', async () => {
    const id = await leased(1000);
    const truth = await told();
    expect(truth).toMatchObject({ leaseId: id, visitorId: visitor, assignment: 'exclusive', open: true });
    expect(truth?.signAge).toBeGreaterThanOrEqual(1000_000);
    expect(truth?.promisedFor).toBeLessThan(0);
    expect(truth?.reservedFor).toBeGreaterThan(0);
  });

  it('is told as open until a renewal of its last second can have been written', async () => {
    await leased(1802);
    expect(await told()).toMatchObject({ open: true });
  });

  it('is told of its visitor too, whatever number is asked about', async () => {
    const id = await leased(1000);
    const [other = ''] = fictionalNumbers(1, used++);
    await createSettingsStore(pool).addNumber(other, { id: trackerId, site_id: siteId });
    const truths = await history.readNumbers(trackerId, { numbers: [other], visitorId: visitor });
    expect(truths.map((truth) => [truth.number, truth.leaseId]).sort()).toEqual(
      [
        [number, id],
        [other, null],
      ].sort(),
    );
    expect(await history.readNumbers(trackerId, { numbers: [other], visitorId: newId() })).toHaveLength(1);
  });

  it('is told of its own pool only', async () => {
    await leased(1000);
    expect(await history.numbersOf(trackerId)).toEqual([number]);
    expect(await history.numbersOf(newId())).toEqual([]);
    expect(await history.readNumbers(newId(), { numbers: [number], visitorId: visitor })).toEqual([]);
  });
});

describe('signs', () => {
  const sign = (leaseId: string, given: object = {}) => ({
    leaseId,
    ageMs: 0,
    left: false,
    mustBeLive: false,
    ownSeconds: 1800,
    minSeconds: 300,
    ...given,
  });

  it('are passed over where the lease has ended', async () => {
    const id = await leased(100);
    const before = await read(id);
    await pool.query(
      `update leases set ended_at = clock_timestamp(), end_reason = 'released' where id = $1`,
      [id],
    );
    expect(await history.writeSigns([sign(id)])).toEqual(new Set());
    expect((await read(id)).last_seen_at).toEqual(before.last_seen_at);
  });

  it('never move anything back', async () => {
    const id = await leased(0);
    const before = await read(id);
    expect(await history.writeSigns([sign(id, { ageMs: 60_000 })])).toEqual(new Set([id]));
    const { last_seen_at, promised_until, reserved_until } = await read(id);
    expect({ last_seen_at, promised_until, reserved_until }).toEqual({
      last_seen_at: before.last_seen_at,
      promised_until: before.promised_until,
      reserved_until: before.reserved_until,
    });
  });

  it('move the number with the lease', async () => {
    const id = await leased(1000);
    await history.writeSigns([sign(id)]);
    const lease = await read(id);
    const { rows } = await pool.query('select * from numbers where number = $1', [number]);
    expect(rows[0]).toMatchObject({
      last_seen_at: lease.last_seen_at,
      promised_until: lease.promised_until,
      reserved_until: lease.reserved_until,
    });
  });
});
