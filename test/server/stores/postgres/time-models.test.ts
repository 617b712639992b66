import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { learnModels } from '../../../../server/domain/attribution/learn-models.js';
import { DELAYS, DIAL_SECONDS, PRIOR } from '../../../../server/domain/attribution/time-model.js';
import { callFacts } from '../../../../server/stores/postgres/call-facts.js';
import { createTimeModelStore } from '../../../../server/stores/postgres/time-models.js';
import type { TimeModelStore } from '../../../../server/stores/time-models.js';
import {
  type AttributionWorld,
  ago,
  CALL,
  makeAttributionWorld,
} from '../../../support/attribution-world.js';

const DAY = 86_400;

let world: AttributionWorld;
let store: TimeModelStore;
let here: Awaited<ReturnType<AttributionWorld['site']>>;
beforeAll(async () => {
  world = await makeAttributionWorld();
  store = createTimeModelStore(world.pool);
});
afterAll(() => world.close());
beforeEach(async () => {
  here = await world.site();
});

type Teaching = Partial<Parameters<AttributionWorld['call']>[0]>;
let callers = 0;
/** Calls of the site, `count` of them, a second apart, each by a caller of their own, the newest at `started`. */
async function calls(count: number, started: number, given: Teaching = {}): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    callers += 1;
    await world.call({
      ...here,
      from: `+1212${String(callers).padStart(7, '0')}`,
      started: started + at,
      method: 'recency',
      visitorId: null,
      confidence: 0.5,
      facts: { leases: [], older: [], code: null, at },
      ...given,
    });
  }
}
const learned = (version: number, count: number, secondsAgo: number) => ({
  site_id: here.siteId,
  version,
  learned_at: ago(secondsAgo),
  since: ago(30 * DAY),
  calls: count,
  model: { ...PRIOR, version },
});
const dueHere = async (now = CALL) =>
  (await store.due(now)).filter(({ site_id }) => site_id === here.siteId).map(({ version }) => version);

describe('a site is due to be learned from', () => {
  it('after fifty calls, then after as many again, or a tenth of those it was learned from', async () => {
    await calls(49, 1000);
    expect(await dueHere()).toEqual([]);
    await calls(1, 900);
    expect(await dueHere()).toEqual([0]);
    // Calls count that had begun by then.
    expect(await dueHere(ago(901))).toEqual([]);
    await store.add(learned(3, 50, 800));
    expect(await dueHere()).toEqual([]);
    await calls(50, 100);
    expect(await dueHere()).toEqual([3]);
    await store.add(learned(4, 510, 800));
    expect(await dueHere()).toEqual([]);
    await calls(1, 90);
    expect(await dueHere()).toEqual([4]);
    await world.sql('update sites set retired_at = $2 where id = $1', [here.siteId, CALL]);
    expect(await dueHere()).toEqual([]);
  });
});

describe('calls that teach', () => {
  const read = async (limit: number, now = CALL) => {
    const pieces: { started_at: Date; facts: unknown }[][] = [];
    for await (const piece of store.calls(here.siteId, limit, now)) pieces.push(piece);
    return pieces;
  };

  it('come newest first in pieces, each once, as many as asked for', async () => {
    await calls(210, 100);
    const pieces = await read(1000);
    expect(pieces.map(({ length }) => length)).toEqual([200, 10]);
    const order = pieces.flat().map(({ started_at }) => started_at.getTime());
    expect(order).toEqual(Array.from({ length: 210 }, (_, at) => ago(100 + at).getTime()));
    expect((await read(205)).flat()).toHaveLength(205);
    expect((await read(3)).flat()).toHaveLength(3);
    expect((await read(1000, ago(300))).flat()).toHaveLength(9);
  });

  it('are first ones or of withheld numbers, of 90 days, no spam, and not of a source’s number', async () => {
    await calls(1, 10, { facts: { it: 'first' } });
    await calls(1, 20, { first: false, facts: { it: 'again' } });
    await calls(1, 30, { first: false, from: null, facts: { it: 'withheld' } });
    await calls(1, 40, { method: 'source', facts: { it: 'source' } });
    await calls(1, 50, { spam: true, facts: { it: 'spam' } });
    await calls(1, 89 * DAY, { facts: { it: 'old' } });
    await calls(1, 91 * DAY, { facts: { it: 'too old' } });
    await calls(1, -5, { facts: { it: 'to come' } });
    const there = here;
    here = await world.site();
    await calls(1, 10, { facts: { it: 'elsewhere' } });
    here = there;
    const facts = (await read(100)).flat().map((row) => (row.facts as { it: string }).it);
    expect(facts).toEqual(['first', 'withheld', 'old']);
  });

  it('teach what their latest decision rests on', async () => {
    await calls(1, 10, { facts: { it: 'before' } });
    await world.sql(
      `insert into attributions
      select gen_random_uuid(), call_id, site_id, decided_at + interval '1 s', rule_version, method, confidence,
        visitor_id, session_id, lease_id, candidates, reasons, '{"it": "after"}'
      from attributions
      where site_id = $1`,
      [here.siteId],
    );
    expect((await read(9)).flat()).toMatchObject([{ facts: { it: 'after' } }]);
  });
});

describe('exposure', () => {
  const since = 20 * DAY;
  const any = fc.record({
    shown: fc.integer({ min: -2 * DAY, max: 55 * DAY }),
    stays: fc.oneof(fc.integer({ min: 0, max: 600 }), fc.integer({ min: 0, max: 5 * DAY })),
    elsewhere: fc.boolean(),
    taps: fc.array(fc.integer({ min: -DAY, max: 30 * DAY }), { maxLength: 2 }),
  });

  it('is what a plain recount says, whatever the leases', async () => {
    const there = await world.site();
    const visitorId = await world.visitor(here.siteId);
    await fc.assert(
      fc.asyncProperty(fc.array(any, { maxLength: 30 }), async (given) => {
        await world.sql('delete from leases');
        await world.sql('delete from taps');
        const leases = await world.leases(
          given.map(({ shown, stays, elsewhere }) => {
            const { siteId, number } = elsewhere ? there : here;
            return { siteId, number, visitorId, shown, silent: shown - stays, ended: shown - stays };
          }),
        );
        for (const [at, { taps }] of given.entries()) {
          const lease = leases[at];
          if (lease) for (const seconds of taps) await world.tap(lease, seconds);
        }
        const counted = await store.exposure(
          here.siteId,
          { since: ago(since), until: CALL },
          { delays: DELAYS, dialling: DIAL_SECONDS },
        );
        const ours = given.filter(({ elsewhere }) => !elsewhere);
        const there_ = ours.filter(({ shown }) => shown > 0 && shown < since + 30 * DAY);
        const open = there_.map(({ shown, stays }) => Math.min(shown, since) - Math.max(0, shown - stays));
        const sum = (list: number[]) => list.reduce((total, value) => total + value, 0);
        expect(counted.open_seconds).toBeCloseTo(sum(open.map((s) => Math.max(0, s - DIAL_SECONDS))), 3);
        expect(counted.taps).toBe(
          ours.flatMap(({ taps }) => taps.filter((s) => s >= 0 && s <= since)).length,
        );
        expect(counted.number_seconds).toBeCloseTo(since, 3);
        expect(counted.leases).toHaveLength(DELAYS.length);
        for (const [at, mean] of DELAYS.entries()) {
          const shares = there_.map(({ shown, stays }) => {
            const silent = shown - stays;
            return Math.exp(-Math.max(0, silent - since) / mean) - Math.exp(-Math.max(0, silent) / mean);
          });
          expect(counted.leases[at]).toBeCloseTo(sum(shares), 6);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('is of session trackers’ numbers, for as long as each was there', async () => {
    await world.sql('update numbers set created_at = $2 where number = $1', [here.number, ago(3 * DAY)]);
    const terms = { delays: DELAYS, dialling: DIAL_SECONDS };
    const period = { since: ago(since), until: CALL };
    expect(await store.exposure(here.siteId, period, terms)).toEqual({
      open_seconds: 0,
      leases: DELAYS.map(() => 0),
      taps: 0,
      number_seconds: 3 * DAY,
    });
    await world.sql(`update trackers set type = 'source', source = 'flyer', medium = 'print' where id = $1`, [
      here.trackerId,
    ]);
    expect(await store.exposure(here.siteId, period, terms)).toMatchObject({ number_seconds: 0 });
  });
});

it('of two servers that learn at once, the first is kept', async () => {
  const first = learned(1, 60, 10);
  const both = await Promise.all([store.add(first), store.add({ ...first, calls: 61 })]);
  expect(both.sort()).toEqual([false, true]);
  const rows = await world.sql('select version from time_models where site_id = $1', [here.siteId]);
  expect(rows).toEqual([{ version: 1 }]);
});

it('learning on a small site gives the next decision a newer model, once', async () => {
  const visitorId = await world.visitor(here.siteId);
  await world.leases(
    Array.from({ length: 60 }, (_, at) => ({
      ...here,
      visitorId,
      shown: 9000 - at * 100,
      silent: 8990 - at * 100,
      ended: 8990 - at * 100,
    })),
  );
  const lease = {
    lease_id: 'l',
    visitor_id: visitorId,
    session_id: null,
    shown_for: 120,
    silent_for: 100,
    page_open: false,
    tapped_for: null,
    country: null,
  };
  await calls(60, 100, { facts: { leases: [lease], older: [], code: null, redial: null } });
  const modelOf = async () => {
    const ask = { ...here, startedAt: CALL, from: null, codes: [], attributionDays: 30, callId: null };
    return (await callFacts(world.pool, ask)).model;
  };
  expect(await modelOf()).toBeNull();
  expect(await learnModels(store, CALL)).toContain(here.siteId);
  const model = (await modelOf()) as typeof PRIOR;
  expect(model.version).toBe(1);
  // Every one who was shown the number called after a hundred seconds.
  const calls_ = (after: number[]) => after.reduce((sum, one) => sum + one, 0);
  expect(calls_(model.after)).toBeGreaterThan(2 * calls_(PRIOR.after));
  expect(await learnModels(store, CALL)).not.toContain(here.siteId);
});
