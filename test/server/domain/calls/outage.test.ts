import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { receiveCode, receiveStart } from '../../../../server/domain/calls/receive.js';
import { newId } from '../../../../server/lib/ids.js';
import type { Spool } from '../../../../server/stores/spool.js';
import { type CallSite, type CallWorld, makeCallWorld } from '../../../support/call-world.js';
import { sqlError } from '../../../support/failing-database.js';

let world: CallWorld;
let here: CallSite;
let calls = 0;
/** A call id of this case. */
let call_id: string;

beforeAll(async () => {
  world = await makeCallWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  here = await world.makeSite();
  call_id = `outage-${calls++}`;
  world.held.splice(0);
});
afterEach(() => {
  world.outage.isAway = false;
  expect(world.deps.spool.state()).toMatchObject({ waiting: 0, inMemory: 0, dropped: 0 });
});

const admin = { scopes: ['admin' as const], siteId: null };
const rows = (id = call_id) =>
  world.sql<{ id: string; [column: string]: unknown }>('select * from calls where provider_call_id = $1', [
    id,
  ]);
const events = (id = call_id) =>
  world.sql<{ id: string; type: string; received_at: Date }>(
    'select id, type, received_at from call_events where provider_call_id = $1 order by id',
    [id],
  );
/** Seconds; this machine is also the database's. */
const agoOf = (time: Date) => (Date.now() - time.getTime()) / 1000;
const decisions = (id: string) => world.sql('select id from attributions where call_id = $1', [id]);
const reserved = async (number: string) => {
  const [row] = await world.sql<{ seconds: number }>(
    `select extract(epoch from greatest(reserved_until, '2000-01-01') - clock_timestamp())::float8 as seconds
    from numbers
    where number = $1`,
    [number],
  );
  return row?.seconds ?? 0;
};
/** A second number of the tracker. */
async function anotherNumber(): Promise<string> {
  const number = `${here.number.slice(0, -4)}8${here.number.slice(-3)}`;
  await world.settingsStore.addNumber(number, here.tracker);
  await world.settings.refresh(here.site.id);
  return number;
}
const mismatch = { code: 'call_mismatch' };

describe('while Postgres is away', () => {
  beforeEach(() => {
    world.outage.isAway = true;
  });
  afterEach(async () => {
    world.outage.isAway = false;
    expect(await world.replay()).toEqual([]);
  });

  it('a call is routed, nobody is named, and its number is kept from others', async () => {
    const started = await world.start({ call_id, to: here.number });
    expect(started).toMatchObject({
      call_id,
      duplicate: false,
      attribution: { method: 'pending', confidence: 0, visitor_id: null, session_id: null, lease_id: null },
      session: null,
      route: { destination: here.tracker.destination, tracker_id: here.tracker.id },
    });
    expect(started.attribution.candidates).toMatchObject([{ visitor_id: null, probability: 1 }]);
    expect(world.held).toEqual([[here.tracker.id, here.number, 1800]]);
    expect(await rows()).toEqual([]);
  });

  it('the same call again has the same answer; ten times at once too', async () => {
    const first = await world.start({ call_id, to: here.number });
    expect(await world.start({ call_id, to: here.number })).toEqual({ ...first, duplicate: true });
    const many = await Promise.all(
      Array.from({ length: 10 }, () => world.start({ call_id: `${call_id}-many`, to: here.number })),
    );
    expect(new Set(many.map(({ id }) => id)).size).toBe(1);
    expect(many.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(world.held).toHaveLength(2);
  });

  it('the same call with another number, and a number that is nobody’s, are refused, and nothing of them is kept', async () => {
    const other = await world.makeSite();
    const second = await anotherNumber();
    await world.start({ call_id, to: here.number });
    await expect(world.start({ call_id, to: second })).rejects.toMatchObject(mismatch);
    await expect(world.end({ call_id, to: second })).rejects.toMatchObject(mismatch);
    await expect(world.start({ call_id, to: '+12125550188' })).rejects.toMatchObject({
      code: 'unknown_number',
    });
    await expect(world.start({ call_id, to: here.number }, other.site.id)).rejects.toMatchObject({
      code: 'unknown_number',
    });
    expect(world.deps.spool.state().waiting).toBe(1);
  });

  it('two sites’ calls with the same id are each their own', async () => {
    const other = await world.makeSite();
    const mine = await world.start({ call_id, to: here.number }, here.site.id);
    const theirs = await world.start({ call_id, to: other.number }, other.site.id);
    expect(theirs).toMatchObject({ duplicate: false, route: { tracker_id: other.tracker.id } });
    expect(theirs.id).not.toBe(mine.id);
    world.outage.isAway = false;
    await world.replay();
    expect((await rows()).map(({ id }) => id).sort()).toEqual([mine.id, theirs.id].sort());
  });

  it('an end is told with the call where its start waits too, and is kept where it does not', async () => {
    expect(await world.end({ call_id: `${call_id}-known before`, status: 'busy' })).toBeNull();
    const { id } = await world.start({ call_id, to: here.number });
    expect(await world.end({ call_id, status: 'missed' })).toEqual({ id, status: 'missed' });
    expect(await world.end({ call_id, status: 'answered' })).toEqual({ id, status: 'answered' });
  });
});

describe('a call that came in while Postgres was away', () => {
  /** Tells of a call now and stores it so many seconds later. */
  async function late<T>(seconds: number, tell: () => Promise<T>): Promise<T> {
    world.outage.isAway = true;
    const told = await tell();
    world.later(seconds);
    world.outage.isAway = false;
    expect(await world.replay()).toEqual([]);
    return told;
  }

  it('is stored once, under the id that was answered, as of the time when it came in', async () => {
    const { id } = await late(60, async () => {
      await world.start({ call_id, to: here.number, from: '+12125550172' });
      await world.end({ call_id, status: 'answered', duration: 61 });
      return world.start({ call_id, to: here.number });
    });
    expect(await rows()).toMatchObject([
      { id, site_id: here.site.id, status: 'answered', duration: 61, caller_number: '+12125550172' },
    ]);
    const told = await events();
    expect(told.map(({ type }) => type)).toEqual(['start', 'end', 'start']);
    for (const { received_at } of told) expect(agoOf(received_at)).toBeGreaterThanOrEqual(60);
    for (const { received_at } of told) expect(agoOf(received_at)).toBeLessThan(100);
    expect(await decisions(id)).toHaveLength(1);
  });

  it('is decided as it would have been with Postgres there', async () => {
    const there = await world.makeSite();
    for (const where of [here, there]) {
      await world.visitor(where, { shown: 9000, silent: 8000 });
      await world.visitor(where, { shown: 700, silent: 200 });
    }
    const live = await world.start({ call_id: `${call_id}-live`, to: there.number });
    const { id } = await late(120, () => world.start({ call_id, to: here.number }));
    const ofCall = async (callId: string) => {
      const [row] = await world.sql<{
        method: string;
        confidence: number;
        candidates: { probability: number }[];
      }>('select method, confidence, candidates from attributions where call_id = $1', [callId]);
      return row;
    };
    const [there_, here_] = [await ofCall(live.id), await ofCall(id)];
    expect(here_?.method).toBe(there_?.method);
    // The seconds between the two calls of this test are all that sets them apart.
    expect(here_?.confidence).toBeCloseTo(there_?.confidence ?? 0, 1);
    expect(here_?.candidates).toHaveLength(there_?.candidates.length ?? 0);
  });

  it('is not joined to who was shown the number after it', async () => {
    const early = await world.visitor(here, { shown: 5000, silent: 4000 });
    world.outage.isAway = true;
    await world.start({ call_id, to: here.number });
    world.later(3900);
    const since = await world.visitor(here, { shown: 1000, silent: 10 });
    world.outage.isAway = false;
    await world.replay();
    expect(await rows()).toMatchObject([{ visitor_id: early.visitorId }]);
    const [row] = await world.sql<{ candidates: unknown }>(
      'select candidates from attributions where call_id = (select id from calls where provider_call_id = $1)',
      [call_id],
    );
    expect(JSON.stringify(row)).not.toContain(since.visitorId);
  });

  it('keeps its number for what is left of the time, and not at all when that is over', async () => {
    await late(600, () => world.start({ call_id, to: here.number }));
    expect(await reserved(here.number)).toBeGreaterThan(1000);
    expect(await reserved(here.number)).toBeLessThan(1201);
    expect(world.held.map(([, , seconds]) => Math.round(seconds / 100))).toEqual([18, 12]);
    const other = await world.makeSite();
    await late(1900, () => world.start({ call_id: `${call_id}-old`, to: other.number }));
    expect(await reserved(other.number)).toBeLessThan(0);
    expect(world.held).toHaveLength(3);
  });

  it('belongs to the site whose number it was then, wherever that has been moved since', async () => {
    const there = await world.makeSite();
    world.outage.isAway = true;
    await world.start({ call_id, to: here.number });
    await world.settingsStore.moveNumber(here.number, there.tracker);
    await world.settings.refresh(null);
    world.outage.isAway = false;
    await world.replay();
    expect(await rows()).toMatchObject([{ site_id: here.site.id, tracker_id: here.tracker.id }]);
  });

  it('and was known before keeps its id; what was told of it while away is part of it', async () => {
    const before = await world.start({ call_id, to: here.number });
    const again = await late(5, async () => {
      expect(await world.end({ call_id, status: 'busy' })).toBeNull();
      return world.start({ call_id, to: here.number });
    });
    expect(again.id).not.toBe(before.id);
    expect(await rows()).toMatchObject([{ id: before.id, status: 'busy' }]);
    expect(await events()).toHaveLength(3);
  });

  it('goes before what comes in of it when Postgres is back', async () => {
    world.outage.isAway = true;
    const first = await world.start({ call_id, to: here.number });
    world.outage.isAway = false;
    expect(await world.start({ call_id, to: here.number })).toEqual({ ...first, duplicate: true });
    expect(await world.end({ call_id, status: 'missed' })).toEqual({ id: first.id, status: 'missed' });
    const another = await world.start({ call_id: `${call_id}-another`, to: here.number });
    expect(another.attribution.method).toBe('unknown');
    expect(await world.replay()).toEqual([]);
    expect(await rows()).toMatchObject([{ id: first.id, status: 'missed' }]);
    expect((await events()).map(({ type }) => type)).toEqual(['start', 'start', 'end']);
  });

  it('and whose caller gave a code is decided by it, whether the call was known then or not', async () => {
    const guest = await world.visitor(here, { shown: 9000, silent: 8000 });
    await world.visitor(here, { shown: 100, silent: 20 });
    await world.giveCode(here, guest, '4721');
    const known = await world.start({ call_id, to: here.number });
    await late(5, async () => {
      const { id } = await world.start({ call_id: `${call_id}-new`, to: here.number });
      for (const of of [known.id, id]) {
        const given = await receiveCode(world.deps, { id: of, code: '4721', body: {}, access: admin });
        expect(given.method).toBe('pending');
      }
    });
    for (const id of [call_id, `${call_id}-new`])
      expect(await rows(id)).toMatchObject([{ method: 'code', visitor_id: guest.visitorId }]);
  });

  it('is hidden from keys of other sites, before and after it is stored', async () => {
    const there = await world.makeSite();
    const foreign = { scopes: ['calls:write' as const], siteId: there.site.id };
    const give = (id: string) => receiveCode(world.deps, { id, code: '1', body: {}, access: foreign });
    const known = await world.start({ call_id: `${call_id}-known`, to: here.number });
    await expect(give(known.id)).rejects.toMatchObject({ code: 'not_found' });
    world.outage.isAway = true;
    const { id } = await world.start({ call_id, to: here.number });
    await expect(give(id)).rejects.toMatchObject({ code: 'not_found' });
    // Of this one nobody can tell before Postgres is back.
    await give(known.id);
    world.outage.isAway = false;
    expect(await world.replay()).toMatchObject([{ code: 'not_found' }]);
    expect(await events(`${call_id}-known`)).toHaveLength(1);
  });
});

describe('an event that was committed, though nobody heard so', () => {
  const lost = () => sqlError('08006');

  it.each(['start', 'end'])('is not stored again: %s', async (type) => {
    if (type === 'end') await world.start({ call_id, to: here.number });
    world.outage.lose = lost();
    const told =
      type === 'start'
        ? await world.start({ call_id, to: here.number })
        : await world.end({ call_id, status: 'missed' });
    expect(type === 'end' ? told === null : told).toBeTruthy();
    const [before, eventsBefore] = [await rows(), await events()];
    if (type === 'start') expect(before).toMatchObject([{ id: told?.id }]);
    expect(await world.replay()).toEqual([]);
    expect([await rows(), await events()]).toEqual([before, eventsBefore]);
    expect(await decisions(before[0]?.id ?? '')).toHaveLength(1);
  });

  it('nor are those of a replay that a crash cut short', async () => {
    world.outage.isAway = true;
    await world.start({ call_id, to: here.number });
    await world.end({ call_id, status: 'missed' });
    world.outage.isAway = false;
    const { spool } = world.deps;
    const stored = spool.next();
    // Stored, and the process ends before the spool hears of it.
    let asked = 0;
    const crashed: Spool = { ...spool, next: () => (asked++ === 0 ? stored : null), done: () => {} };
    await world.replay(crashed);
    expect(await events()).toHaveLength(1);
    expect(spool.state().waiting).toBe(2);
    await world.replay();
    expect(await events()).toHaveLength(2);
    expect(await rows()).toMatchObject([{ status: 'missed' }]);
  });

  it('nor is one that was too slow for the caller', async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const slow = {
      ...world.deps,
      patienceMs: 50,
      store: {
        ...world.deps.store,
        async withCall<T>(...given: Parameters<typeof world.deps.store.withCall<T>>): Promise<T> {
          await released;
          return world.deps.store.withCall(...given).finally(finish);
        },
      },
    };
    const event = {
      type: 'start' as const,
      call_id,
      to: here.number,
      from: null,
      started_at: null,
      caller: {},
    };
    const started = await receiveStart(slow, { provider: 'api', event, body: {}, siteId: null });
    expect(started.attribution.method).toBe('pending');
    release();
    await finished;
    expect(await rows()).toMatchObject([{ id: started.id }]);
    await world.replay();
    expect(await events()).toHaveLength(1);
  });
});

describe('what the database will not have', () => {
  it('is set aside, and those behind it are stored', async () => {
    const second = await anotherNumber();
    await world.start({ call_id, to: here.number });
    world.outage.isAway = true;
    // Only the database knows that this id is another call's.
    await world.start({ call_id, to: second });
    await receiveCode(world.deps, { id: newId(), code: '1', body: {}, access: admin });
    await world.start({ call_id: `${call_id}-good`, to: here.number });
    world.outage.isAway = false;
    expect(await world.replay()).toMatchObject([mismatch, { code: 'not_found' }]);
    expect(await rows()).toMatchObject([{ tracking_number: here.number }]);
    expect(await rows(`${call_id}-good`)).toHaveLength(1);
  });

  it('again and again for whatever reason makes way, and is tried later', async () => {
    world.outage.isAway = true;
    await world.start({ call_id, to: here.number });
    await world.start({ call_id: `${call_id}-good`, to: here.number });
    world.outage.isAway = false;
    for (let attempt = 0; attempt < 3; attempt += 1) {
      world.outage.lose = sqlError('57014');
      expect(await world.replay()).toMatchObject([{ code: '57014' }]);
    }
    expect(world.deps.spool.next()?.call).toEqual({ provider: 'api', callId: `${call_id}-good` });
    await world.replay();
    expect(await rows(`${call_id}-good`)).toHaveLength(1);
    expect(await events()).toHaveLength(1);
  });
});
