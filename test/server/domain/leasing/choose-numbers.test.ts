import { describe, expect, it } from 'vitest';
import { chooseNumber, type Leases, once } from '../../../../server/domain/leasing/choose-numbers.js';
import type { MatchFacts } from '../../../../server/domain/leasing/choose-trackers.js';
import type { LeaseOffer } from '../../../../server/stores/lease-store.js';
import type { NewTracker, Tracker } from '../../../../server/stores/settings.js';
import { newTracker } from '../../../support/settings-rows.js';

const TARGET = '+12125550100';
const google: MatchFacts = {
  source: 'google',
  medium: 'cpc',
  campaign: null,
  landingPath: '/',
  referrerDomain: null,
  channel: 'Paid Search',
};

const tracker = (id: string, given: Partial<NewTracker> = {}): Tracker => ({
  ...newTracker('site', { id, ...given }),
  pool_version: 1,
  created_at: new Date(),
  retired_at: null,
});
const source = (id: string, number: string, given: Partial<NewTracker> = {}) =>
  tracker(id, { type: 'source', source: 'x', numbers: [number], ...given });
const offer = (number: string): LeaseOffer => ({
  number,
  leaseId: `lease of ${number}`,
  assignment: 'exclusive',
  confirmed: true,
});

/** Leases of a visitor: those that are live, those that can be had. Notes what was asked. */
function leasesOf(live: Record<string, string>, free: Record<string, string> = {}) {
  const asked: string[] = [];
  const answer = (numbers: Record<string, string>, how: string) => async (of: Tracker) => {
    asked.push(`${how} ${of.id}`);
    const number = numbers[of.id];
    return number ? offer(number) : null;
  };
  const leases: Leases = { live: answer(live, 'live'), any: answer({ ...free, ...live }, 'any') };
  return { leases, asked };
}

const choose = async (trackers: Tracker[], leases: Leases | null, facts: MatchFacts | null = null) => {
  const choice = await chooseNumber(TARGET, trackers, facts, leases);
  return choice && [choice.tracker.id, choice.number];
};

describe('the number for a target', () => {
  it('is of the first tracker in order of priority', async () => {
    const trackers = [tracker('a'), tracker('b')];
    expect(await choose(trackers, leasesOf({}, { a: '+1', b: '+2' }).leases)).toEqual(['a', '+1']);
  });

  it('is of the next where a pool is short', async () => {
    const trackers = [tracker('a'), tracker('b'), source('s', '+9')];
    expect(await choose(trackers, leasesOf({}, { b: '+2' }).leases)).toEqual(['b', '+2']);
    expect(await choose(trackers, leasesOf({}, {}).leases)).toEqual(['s', '+9']);
    expect(await choose(trackers.slice(0, 2), leasesOf({}, {}).leases)).toBeNull();
  });

  it('is that of a live lease, before any priority', async () => {
    const { leases, asked } = leasesOf({ b: '+2' }, { a: '+1' });
    expect(await choose([source('s', '+9'), tracker('a'), tracker('b')], leases)).toEqual(['b', '+2']);
    expect(asked).toEqual(['live a', 'live b']);
  });

  it('is that of a live lease, even where the session fits another tracker now', async () => {
    const trackers = [
      tracker('paid', { match: { medium: 'cpc' } }),
      tracker('organic', { match: { medium: 'organic' } }),
    ];
    expect(await choose(trackers, leasesOf({ organic: '+2' }, { paid: '+1' }).leases, google)).toEqual([
      'organic',
      '+2',
    ]);
  });

  it('is of a tracker that the session fits', async () => {
    const trackers = [
      tracker('organic', { match: { medium: 'organic' } }),
      tracker('paid', { match: { medium: 'cpc' } }),
    ];
    expect(await choose(trackers, leasesOf({}, { paid: '+1', organic: '+2' }).leases, google)).toEqual([
      'paid',
      '+1',
    ]);
    expect(await choose(trackers.slice(0, 1), leasesOf({}, { organic: '+2' }).leases, google)).toBeNull();
  });

  it('is asked for once where the only pool comes first: that finds a live lease too', async () => {
    const { leases, asked } = leasesOf({ a: '+1' });
    expect(await choose([tracker('a'), source('s', '+9')], leases)).toEqual(['a', '+1']);
    expect(asked).toEqual(['any a']);
  });

  it('is of a source tracker only, where there are no leases for the visitor', async () => {
    expect(await choose([tracker('a'), source('s', '+9')], null)).toEqual(['s', '+9']);
    expect(await choose([tracker('a')], null)).toBeNull();
  });

  it('of a source tracker has no lease', async () => {
    const choice = await chooseNumber(TARGET, [source('s', '+9')], null, leasesOf({}).leases);
    expect(choice).toMatchObject({ target: TARGET, number: '+9', lease: null });
  });

  it('passes a source tracker whose number was taken away', async () => {
    const trackers = [tracker('s', { type: 'source', numbers: [] }), source('t', '+8')];
    expect(await choose(trackers, leasesOf({}).leases)).toEqual(['t', '+8']);
  });

  it('is none where no tracker replaces the target', async () => {
    expect(await choose([], leasesOf({}).leases)).toBeNull();
  });
});

describe('asking once', () => {
  it('gives all targets of a tracker the same lease, also at the same time', async () => {
    let asked = 0;
    const ask = once(async (of) => {
      asked += 1;
      return offer(`+${of.id}`);
    });
    const [one, two, three] = await Promise.all([ask(tracker('1')), ask(tracker('1')), ask(tracker('2'))]);
    expect(one).toBe(two);
    expect(three?.number).toBe('+2');
    expect(asked).toBe(2);
  });
});
