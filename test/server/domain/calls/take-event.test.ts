import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CallSite, type CallWorld, makeCallWorld } from '../../../support/call-world.js';

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
  call_id = `call-${calls++}`;
  world.held.splice(0);
});

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();

interface CallColumns {
  id: string;
  site_id: string;
  started_at: Date;
  created_at: Date;
  [column: string]: unknown;
}
const rows = () =>
  world.sql<CallColumns>('select * from calls where provider_call_id = $1 order by created_at', [call_id]);
const events = () =>
  world.sql<{ type: string; site_id: string | null }>(
    'select type, site_id from call_events where provider_call_id = $1 order by received_at, id',
    [call_id],
  );
const decisions = (id: string) =>
  world.sql<{ method: string }>('select * from attributions where call_id = $1 order by decided_at, id', [
    id,
  ]);

describe('a call that starts', () => {
  it('is stored, joined to who was shown the number, and routed', async () => {
    const shown = await world.visitor(here, { shown: 100, silent: 20 });
    const started = await world.start({
      call_id,
      to: here.number,
      from: '+12125550170',
      caller: { name: 'Ann' },
    });
    expect(started).toMatchObject({
      call_id,
      duplicate: false,
      attribution: { method: 'recency', visitor_id: shown.visitorId, lease_id: shown.leaseId },
      session: { id: shown.sessionId, term: 'boiler repair' },
      route: { destination: here.tracker.destination, tracker_id: here.tracker.id },
    });
    const [row] = await rows();
    expect(row).toMatchObject({
      id: started.id,
      site_id: here.site.id,
      status: 'in_progress',
      tracking_number: here.number,
      business_number: here.tracker.destination,
      caller_name: 'Ann',
      source: 'google',
      medium: 'cpc',
      keyword: 'boiler repair',
      landing_page: 'https://shop.example/',
      device_type: 'mobile',
      assignment: 'elastic',
      seconds_to_call: 100,
      first_call: true,
      prior_calls: 0,
    });
    expect(await events()).toEqual([{ type: 'start', site_id: here.site.id }]);
    expect(await decisions(started.id)).toMatchObject([
      { method: 'recency', site_id: here.site.id, rule_version: 2 },
    ]);
  });

  it('keeps the number from others, in the lease history and in the lease store, and is no sign of its holder', async () => {
    const { leaseId } = await world.visitor(here, { shown: 1000, silent: 900 });
    const read = async () =>
      (
        await world.sql<{ reserved: number; last_seen_at: Date }>(
          `select extract(epoch from reserved_until - clock_timestamp())::float8 as reserved, last_seen_at
          from leases
          where id = $1`,
          [leaseId],
        )
      )[0];
    const before = await read();
    await world.start({ call_id, to: here.number });
    const after = await read();
    expect(before?.reserved).toBeLessThan(901);
    expect(after?.reserved).toBeGreaterThan(1700);
    expect(after?.last_seen_at).toEqual(before?.last_seen_at);
    expect(world.held).toEqual([[here.tracker.id, here.number, 1800]]);
  });

  it('again is the same call with the same answer, is kept as an event and holds the number once', async () => {
    await world.visitor(here, { shown: 100, silent: 20 });
    const first = await world.start({ call_id, to: here.number });
    const again = await world.start({ call_id, to: here.number });
    expect(again).toEqual({ ...first, duplicate: true });
    expect(await rows()).toHaveLength(1);
    expect(await events()).toHaveLength(2);
    expect(await decisions(first.id)).toHaveLength(1);
    expect(world.held).toHaveLength(1);
  });

  it('ten times at once is one call', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => world.start({ call_id, to: here.number })),
    );
    expect(new Set(answers.map((answer) => answer.id)).size).toBe(1);
    expect(answers.filter((answer) => !answer.duplicate)).toHaveLength(1);
    expect(await events()).toHaveLength(10);
  });

  it('with another number under the same id is refused, and nothing of it is kept', async () => {
    const other = await world.settingsStore.addNumber('+12125550199', here.tracker);
    await world.settings.refresh(here.site.id);
    await world.start({ call_id, to: here.number });
    await expect(world.start({ call_id, to: other.number })).rejects.toMatchObject({ code: 'call_mismatch' });
    expect(await rows()).toMatchObject([{ tracking_number: here.number }]);
    expect(await events()).toHaveLength(1);
    await world.settingsStore.retireNumber(other.number);
  });

  it('on a number that is not ours is refused, and nothing of it is kept', async () => {
    await expect(world.start({ call_id, to: '+12125550188' })).rejects.toMatchObject({
      code: 'unknown_number',
    });
    expect(await events()).toEqual([]);
  });

  it.each([
    ['is that of the provider', 3600, 3600],
    ['is the receipt where that is more than 7 days back', 7 * 86_400 + 60, 0],
    ['is the receipt where that lies ahead', -120, 0],
  ])('at a time that %s', async (_, claimed, expected) => {
    await world.start({ call_id, to: here.number, started_at: ago(claimed) });
    const [row] = await rows();
    const before = ((row?.created_at.getTime() ?? 0) - (row?.started_at.getTime() ?? 0)) / 1000;
    expect(Math.round(before / 10) * 10).toBe(expected);
  });

  it('is joined as of when it began: who came later is no candidate', async () => {
    const early = await world.visitor(here, { shown: 5000, silent: 4000 });
    const late = await world.visitor(here, { shown: 1000, silent: 10 });
    const started = await world.start({ call_id, to: here.number, started_at: ago(3900) });
    expect(started.attribution).toMatchObject({ visitor_id: early.visitorId });
    expect(JSON.stringify(started.attribution.candidates)).not.toContain(late.visitorId);
  });

  it('on a number that nobody was shown is nobody’s', async () => {
    const started = await world.start({ call_id, to: here.number });
    expect(started).toMatchObject({ attribution: { method: 'unknown', confidence: 0 }, session: null });
    expect(await rows()).toMatchObject([{ source: null, visitor_id: null }]);
  });
});

describe('a call that ends', () => {
  it('is told as it ended', async () => {
    const { id } = await world.start({ call_id, to: here.number });
    const ended = await world.end({ call_id, status: 'missed', duration: 12 });
    expect(ended).toEqual({ id, status: 'missed' });
    expect(await rows()).toMatchObject([{ id, status: 'missed', duration: 12 }]);
    expect(await decisions(id)).toHaveLength(1);
  });

  it('twice, or days late, is the same call', async () => {
    const { id } = await world.start({ call_id, to: here.number });
    const ended_at = ago(-5);
    await world.end({ call_id, ended_at });
    const [before] = await rows();
    await world.end({ call_id, ended_at });
    const [after] = await rows();
    expect({ ...after, updated_at: null }).toEqual({ ...before, updated_at: null });
    expect(await events()).toHaveLength(3);
    expect(await decisions(id)).toHaveLength(1);
  });

  it('before its start, naming the number, is a call already; the start is no duplicate', async () => {
    const ended = await world.end({ call_id, to: here.number, duration: 30 });
    expect(ended).toMatchObject({ status: 'answered' });
    expect(await rows()).toMatchObject([{ id: ended?.id, status: 'answered' }]);
    const started = await world.start({
      call_id,
      to: here.number,
      from: '+12125550171',
      started_at: ago(30),
    });
    expect(started).toMatchObject({ id: ended?.id, duplicate: false });
    expect(await rows()).toMatchObject([{ caller_number: '+12125550171', status: 'answered', duration: 30 }]);
    expect((await world.start({ call_id, to: here.number })).duplicate).toBe(true);
  });

  it('before its start, not naming the number, waits for it', async () => {
    expect(await world.end({ call_id, status: 'busy' })).toBeNull();
    expect(await rows()).toEqual([]);
    const started = await world.start({ call_id, to: here.number });
    expect(started.duplicate).toBe(false);
    expect(await rows()).toMatchObject([{ status: 'busy' }]);
    expect((await events()).map((event) => event.site_id)).toEqual([here.site.id, here.site.id]);
  });

  it('before its start, told by a key of its own site, waits for it too', async () => {
    expect(await world.end({ call_id, status: 'busy' }, here.site.id)).toBeNull();
    await world.start({ call_id, to: here.number }, here.site.id);
    expect(await rows()).toMatchObject([{ status: 'busy' }]);
  });

  it('on a number that moved to another site meanwhile is still the call of the first', async () => {
    const there = await world.makeSite();
    const { id } = await world.start({ call_id, to: here.number });
    await world.settingsStore.moveNumber(here.number, there.tracker);
    await world.settings.refresh(null);
    expect(await world.end({ call_id, status: 'voicemail' })).toEqual({ id, status: 'voicemail' });
    expect(await rows()).toMatchObject([
      { site_id: here.site.id, status: 'voicemail', business_number: here.tracker.destination },
    ]);
  });

  it('long after its number was given up is still told', async () => {
    const { id } = await world.start({ call_id, to: here.number });
    await world.settingsStore.retireNumber(here.number);
    await world.sql(`update numbers set retired_at = retired_at - interval '31 days' where number = $1`, [
      here.number,
    ]);
    await world.settings.refresh(null);
    expect(await world.end({ call_id, status: 'answered' })).toEqual({ id, status: 'answered' });
  });
});

describe('events of one call that name different numbers', () => {
  let second: string;
  /** Greater than any number of ours, so that a fold that took any of them would take this one. */
  const nobodys = '+12129999999';
  beforeEach(async () => {
    second = `${here.number.slice(0, -4)}7${here.number.slice(-3)}`;
    await world.settingsStore.addNumber(second, here.tracker);
    await world.settings.refresh(here.site.id);
  });
  const mismatch = { code: 'call_mismatch' };

  it.each([null, 'bound'])(
    'an end after the start, or after another end, is refused (sender: %s)',
    async (who) => {
      const siteId = who && here.site.id;
      await world.start({ call_id, to: here.number }, siteId);
      for (const to of [second, nobodys]) {
        await expect(world.end({ call_id, to }, siteId)).rejects.toMatchObject(mismatch);
      }
      expect(await events()).toHaveLength(1);
      expect(await rows()).toMatchObject([{ tracking_number: here.number, status: 'in_progress' }]);
      await world.end({ call_id, to: here.number, status: 'busy' }, siteId);
      expect(await rows()).toMatchObject([{ tracking_number: here.number, status: 'busy' }]);
    },
  );

  it.each([null, 'bound'])('an end, an end and a start (sender: %s)', async (who) => {
    const siteId = who && here.site.id;
    const shown = await world.visitor(here, { shown: 100, silent: 20 });
    await world.visitor({ ...here, number: second }, { shown: 100, silent: 20 });
    const ended = await world.end({ call_id, to: here.number }, siteId);
    await expect(world.end({ call_id, to: second }, siteId)).rejects.toMatchObject(mismatch);
    await expect(world.start({ call_id, to: second }, siteId)).rejects.toMatchObject(mismatch);
    expect(await events()).toHaveLength(1);
    const started = await world.start({ call_id, to: here.number }, siteId);
    expect(started).toMatchObject({ id: ended?.id, attribution: { visitor_id: shown.visitorId } });
  });

  it.each([null, 'bound'])(
    'an end on nobody’s number, then one on ours, is refused (sender: %s)',
    async (who) => {
      const siteId = who && here.site.id;
      expect(await world.end({ call_id, to: nobodys }, siteId)).toBeNull();
      await expect(world.end({ call_id, to: here.number }, siteId)).rejects.toMatchObject(mismatch);
      await expect(world.end({ call_id, to: '+12129999998' }, siteId)).rejects.toMatchObject(mismatch);
      expect(await events()).toHaveLength(1);
      expect(await rows()).toEqual([]);
    },
  );

  it.each([null, 'bound'])(
    'an end on nobody’s number is no part of the call that starts (sender: %s)',
    async (who) => {
      const siteId = who && here.site.id;
      const shown = await world.visitor(here, { shown: 100, silent: 20 });
      await world.end({ call_id, to: nobodys, status: 'failed' }, siteId);
      const started = await world.start({ call_id, to: here.number }, siteId);
      expect(started.attribution).toMatchObject({ visitor_id: shown.visitorId });
      expect(await rows()).toMatchObject([{ tracking_number: here.number, status: 'in_progress' }]);
      await world.end({ call_id, to: here.number, status: 'missed' }, siteId);
      await world.code(call_id, '1', here.site.id);
      expect(await rows()).toMatchObject([
        { tracking_number: here.number, status: 'missed', visitor_id: shown.visitorId },
      ]);
    },
  );
});

describe('a code', () => {
  it('given after the start makes a new decision; the old one stays', async () => {
    const guest = await world.visitor(here, { shown: 9000, silent: 8000 });
    const holder = await world.visitor(here, { shown: 100, silent: 20 });
    await world.giveCode(here, guest, '4711');
    const started = await world.start({ call_id, to: here.number });
    expect(started.attribution.visitor_id).toBe(holder.visitorId);
    await world.code(call_id, '4711', here.site.id);
    expect(await rows()).toMatchObject([
      { method: 'code', visitor_id: guest.visitorId, session_id: guest.sessionId },
    ]);
    expect((await decisions(started.id)).map(({ method }) => method)).toEqual(['recency', 'code']);
  });

  it.each(['4712', '4712#', '*4712#', '1#4712#'])(
    'keyed in by the caller counts as given: %s',
    async (keypad) => {
      const guest = await world.visitor(here, { shown: 9000, silent: 8000 });
      await world.visitor(here, { shown: 100, silent: 20 });
      await world.giveCode(here, guest, '4712');
      await world.start({ call_id, to: here.number });
      await world.end({ call_id, keypad });
      expect(await rows()).toMatchObject([{ method: 'code', visitor_id: guest.visitorId, keypad }]);
    },
  );

  it.each(['47120', '4 7 1 2', '##'])('is not found in other keys: %s', async (keypad) => {
    const guest = await world.visitor(here, { shown: 9000, silent: 8000 });
    await world.giveCode(here, guest, '4712');
    await world.start({ call_id, to: here.number });
    await world.end({ call_id, keypad });
    expect(await rows()).not.toMatchObject([{ method: 'code' }]);
  });

  it('of another site is nobody’s here', async () => {
    const there = await world.makeSite();
    const stranger = await world.visitor(there, { shown: 100, silent: 20 });
    await world.giveCode(there, stranger, '4713');
    await world.start({ call_id, to: here.number });
    await world.code(call_id, '4713', here.site.id);
    expect(await rows()).toMatchObject([{ method: 'unknown', visitor_id: null }]);
  });

  it('that has run out is nobody’s', async () => {
    const guest = await world.visitor(here, { shown: 900_000, silent: 900_000 });
    await world.giveCode(here, guest, '4714');
    await world.sql(
      `update codes set expires_at = clock_timestamp() - interval '1 minute' where code = '4714'`,
    );
    await world.start({ call_id, to: here.number });
    await world.code(call_id, '4714');
    expect(await rows()).not.toMatchObject([{ method: 'code' }]);
  });
});

describe('a caller known from before', () => {
  const from = '+12125550172';

  it('is the visitor whom their last call was credited to, at their latest session', async () => {
    const before = await world.visitor(here, { shown: 5000, silent: 4990 });
    await world.start({ call_id: `${call_id}-before`, to: here.number, from, started_at: ago(4900) });
    await world.visitor(here, { shown: 100, silent: 20 });
    const started = await world.start({ call_id, to: here.number, from });
    expect(started.attribution).toMatchObject({
      method: 'redial',
      visitor_id: before.visitorId,
      session_id: before.sessionId,
    });
    expect(await rows()).toMatchObject([{ first_call: false, prior_calls: 1 }]);
  });

  it('on another site is not known', async () => {
    const there = await world.makeSite();
    await world.visitor(there, { shown: 5000, silent: 4990 });
    await world.start({
      call_id: `${call_id}-there`,
      to: there.number,
      from: '+12125550173',
      started_at: ago(4900),
    });
    const started = await world.start({ call_id, to: here.number, from: '+12125550173' });
    expect(started.attribution.method).toBe('unknown');
    expect(await rows()).toMatchObject([{ first_call: true, prior_calls: 0 }]);
  });

  it('who withholds the number is never known', async () => {
    await world.visitor(here, { shown: 5000, silent: 4990 });
    await world.start({ call_id: `${call_id}-before`, to: here.number, started_at: ago(4900) });
    const started = await world.start({ call_id, to: here.number });
    expect(started.attribution.method).not.toBe('redial');
    expect(await rows()).toMatchObject([{ first_call: false, prior_calls: 0 }]);
  });
});

describe('who withdrew', () => {
  it('is no candidate, by recency, code or redial', async () => {
    const from = '+12125550174';
    const gone = await world.visitor(here, { shown: 5000, silent: 4990 });
    await world.giveCode(here, gone, '4715');
    await world.start({ call_id: `${call_id}-before`, to: here.number, from, started_at: ago(4900) });
    await world.sql('update visitors set withdrawn_at = clock_timestamp() where id = $1', [gone.visitorId]);
    const started = await world.start({ call_id, to: here.number, from });
    await world.code(call_id, '4715');
    expect(started.attribution.candidates).toHaveLength(1);
    expect(await rows()).toMatchObject([{ method: 'unknown', visitor_id: null }]);
  });
});

describe('the number of a source tracker', () => {
  it('credits its source, no visitor, and holds nothing', async () => {
    const flyer = await world.makeSite({
      type: 'source',
      source: 'flyer',
      medium: 'print',
      campaign: 'spring',
      targets: [],
    });
    const started = await world.start({ call_id, to: flyer.number });
    expect(started).toMatchObject({
      attribution: { method: 'source', confidence: 1, visitor_id: null },
      session: null,
    });
    expect(await rows()).toMatchObject([
      { source: 'flyer', medium: 'print', campaign: 'spring', assignment: 'source', keyword: null },
    ]);
    expect(world.held).toEqual([]);
  });
});

describe('a retired number', () => {
  const retiredDaysAgo = async (days: number) => {
    await world.settingsStore.retireNumber(here.number);
    await world.sql(
      'update numbers set retired_at = clock_timestamp() - make_interval(days => $2) where number = $1',
      [here.number, days],
    );
    await world.settings.refresh(null);
  };

  it('is routed and attributed within its attribution window', async () => {
    const shown = await world.visitor(here, { shown: 100, silent: 20 });
    await retiredDaysAgo(29);
    expect(await world.start({ call_id, to: here.number })).toMatchObject({
      attribution: { visitor_id: shown.visitorId },
      route: { destination: here.tracker.destination },
    });
  });

  it('is unknown after it', async () => {
    await retiredDaysAgo(31);
    await expect(world.start({ call_id, to: here.number })).rejects.toMatchObject({ code: 'unknown_number' });
  });
});

describe('two sites', () => {
  let there: CallSite;
  beforeEach(async () => {
    there = await world.makeSite();
  });

  it('with the same call id have each their own call', async () => {
    const one = await world.start({ call_id, to: here.number }, here.site.id);
    const other = await world.start({ call_id, to: there.number }, there.site.id);
    expect(other).toMatchObject({ duplicate: false });
    expect(other.id).not.toBe(one.id);
    await world.end({ call_id, status: 'busy' }, there.site.id);
    await world.code(call_id, '1', there.site.id);
    const found = await rows();
    expect(found.map((row) => [row.site_id, row.status])).toEqual([
      [here.site.id, 'in_progress'],
      [there.site.id, 'busy'],
    ]);
  });

  it('do not see each other’s numbers', async () => {
    await expect(world.start({ call_id, to: here.number }, there.site.id)).rejects.toMatchObject({
      code: 'unknown_number',
    });
    expect(await world.end({ call_id, to: here.number }, there.site.id)).toBeNull();
    expect(await rows()).toEqual([]);
  });

  it('do not end each other’s calls', async () => {
    await world.start({ call_id, to: here.number }, here.site.id);
    expect(await world.end({ call_id, status: 'failed' }, there.site.id)).toBeNull();
    expect(await rows()).toMatchObject([{ site_id: here.site.id, status: 'in_progress' }]);
  });

  it('do not come by what a sender for all sites told of a call whose site is not known yet', async () => {
    await world.end({ call_id, status: 'answered', recording_url: 'https://records.example/1' });
    await world.start({ call_id, to: there.number }, there.site.id);
    expect(await rows()).toMatchObject([
      { site_id: there.site.id, recording_url: null, status: 'in_progress' },
    ]);
    await world.start({ call_id, to: here.number });
    expect(await rows()).toMatchObject([
      { site_id: there.site.id, recording_url: null },
      { site_id: here.site.id, recording_url: 'https://records.example/1' },
    ]);
  });

  it('are told apart by the number where a sender serves both', async () => {
    const one = await world.start({ call_id, to: here.number });
    const other = await world.start({ call_id, to: there.number });
    expect(await world.end({ call_id, to: there.number, status: 'busy' })).toEqual({
      id: other.id,
      status: 'busy',
    });
    expect(await world.end({ call_id, to: here.number, status: 'missed' })).toEqual({
      id: one.id,
      status: 'missed',
    });
    // Without the number it could be either.
    expect(await world.end({ call_id, status: 'failed' })).toBeNull();
    expect((await rows()).map((row) => row.status)).toEqual(['missed', 'busy']);
  });
});
