import { beforeEach, describe, expect, it } from 'vitest';
import { createSettings, type Settings } from '../../../../server/domain/settings/settings.js';
import type {
  ApiKey,
  SettingsRows,
  Site,
  Tracker,
  TrackingNumber,
} from '../../../../server/stores/settings.js';
import { newSite, newTracker } from '../../../support/settings-rows.js';

const DAY = 86_400_000;
const stored = { created_at: new Date(), retired_at: null };

let rows: SettingsRows;
let reads: (string | null)[];
let questions: [string, string[]][];
let isAway: boolean;
let settings: Settings;

const store = {
  async sitesOf(kind: string, names: string[]): Promise<(string | null)[]> {
    questions.push([kind, names]);
    if (isAway) throw new Error('away');
    if (kind === 'site_key') return rows.sites.filter(({ key }) => names.includes(key)).map(({ id }) => id);
    if (kind === 'number')
      return rows.numbers.filter(({ number }) => names.includes(number)).map(({ site_id }) => site_id);
    return rows.keys.filter(({ hash }) => names.includes(hash)).map(({ site_id }) => site_id);
  },
  async read(siteId: string | null): Promise<SettingsRows> {
    reads.push(siteId);
    if (isAway) throw new Error('away');
    const of = <T extends { site_id: string | null }>(list: T[]) =>
      list.filter((row) => siteId === null || row.site_id === siteId);
    return {
      sites: rows.sites.filter((site) => siteId === null || site.id === siteId),
      trackers: of(rows.trackers),
      numbers: of(rows.numbers),
      keys: of(rows.keys),
    };
  },
};

beforeEach(async () => {
  rows = { sites: [], trackers: [], numbers: [], keys: [] };
  reads = [];
  questions = [];
  isAway = false;
  settings = createSettings(store, { missIntervalMs: 0 });
});

function addSite(given: Partial<Site> = {}): Site {
  const site = { ...newSite(), channel_version: 1, channels_derived: true, ...stored, ...given };
  rows.sites.push(site);
  return site;
}
function addTracker(site: Site, given: Partial<Tracker> = {}): Tracker {
  const tracker = { ...newTracker(site.id), ...stored, pool_version: 1, ...given };
  rows.trackers.push(tracker);
  return tracker;
}
function addNumber(number: string, tracker: Tracker, given: Partial<TrackingNumber> = {}): void {
  rows.numbers.push({ number, site_id: tracker.site_id, tracker_id: tracker.id, ...stored, ...given });
}

describe('settings in memory', () => {
  it('are those last read', async () => {
    const site = addSite();
    expect(settings.loaded()).toBe(false);
    await settings.refresh(null);
    expect(settings.loaded()).toBe(true);
    expect(await settings.siteByKey(site.key)).toBe(site);
    expect(settings.siteById(site.id)).toBe(site);
    expect(reads).toEqual([null]);
  });

  it('are looked up before something is said not to be there, and its site alone is read', async () => {
    await settings.refresh(null);
    const site = addSite();
    expect(await settings.siteByKey(site.key)).toBe(site);
    const tracker = addTracker(site);
    addNumber('+12025550101', tracker);
    expect((await settings.numberForCall('+12025550101'))?.tracker).toBe(tracker);
    const key: ApiKey = {
      id: 'k',
      name: 'Key',
      scopes: ['admin'],
      site_id: site.id,
      hash: 'hash',
      ...stored,
    };
    rows.keys.push(key, { ...key, site_id: null, hash: 'of no site' });
    expect(await settings.keyByHash('hash')).toBe(key);
    expect(reads.splice(0)).toEqual([null, site.id, site.id, site.id]);
    expect(await settings.keyByHash('of no site')).toMatchObject({ site_id: null });
    expect(reads.splice(0)).toEqual([null]);
    expect(await settings.siteByKey('nothing')).toBeNull();
    expect(await settings.keyByHash('nothing')).toBeNull();
    expect(await settings.numberForCall('+12025550100')).toBeNull();
    expect(reads).toEqual([]);
  });

  it('are asked for in few questions, however much junk is, and what is new is found among it', async () => {
    settings = createSettings(store, { missIntervalMs: 200 });
    await settings.refresh(null);
    const site = addSite();
    const began = performance.now();
    const junk = async (from: number) => {
      for (let at = 0; at < 3; at += 1) expect(await settings.siteByKey(`junk-${from}-${at}`)).toBeNull();
    };
    const answers = Promise.all(Array.from({ length: 50 }, (_, at) => junk(at)));
    // Asked for by many while the question is under way, and after one that came too late for it.
    await settings.siteByKey('junk');
    const found = await Promise.all(Array.from({ length: 20 }, () => settings.siteByKey(site.key)));
    expect(found).toEqual(Array.from({ length: 20 }, () => site));
    await answers;
    const most = 2 + (performance.now() - began) / 200;
    expect(questions.length).toBeLessThanOrEqual(most);
    expect(questions.filter(([, names]) => names.includes(site.key))).toHaveLength(1);
    expect(reads).toEqual([null, site.id]);
  });

  it('of one kind do not wait for junk of another', async () => {
    settings = createSettings(store, { missIntervalMs: 60_000 });
    await settings.refresh(null);
    await settings.keyByHash('junk');
    const site = addSite();
    expect(await settings.siteByKey(site.key)).toBe(site);
  });

  it('take no more than so much junk at once', async () => {
    await settings.refresh(null);
    await Promise.all(Array.from({ length: 5_000 }, (_, at) => settings.siteByKey(`junk-${at}`)));
    expect(questions.map(([, names]) => names.length)).toEqual([1_000]);
  });

  it('stay what they were while the store is away', async () => {
    const site = addSite();
    await settings.refresh(null);
    isAway = true;
    await expect(settings.refresh(null)).rejects.toThrow('away');
    expect(await settings.siteByKey(site.key)).toBe(site);
    expect(await settings.siteByKey('nothing')).toBeNull();
    isAway = false;
    await settings.refresh(null);
  });

  it('are taken from a copy until they are read, and then all of them, whatever was asked for', async () => {
    const site = addSite();
    const gone = addSite();
    const copy = structuredClone(rows);
    rows.sites = [site];
    const read: SettingsRows[] = [];
    settings = createSettings(store, { missIntervalMs: 0, onRead: (fresh) => read.push(fresh) });
    isAway = true;
    settings.restore(copy);
    expect(settings.loaded()).toBe(true);
    expect(await settings.siteByKey(gone.key)).toEqual(gone);
    expect(read).toEqual([]);
    isAway = false;
    await settings.refresh(site.id);
    expect(reads.at(-1)).toBeNull();
    expect(settings.siteById(gone.id)).toBeNull();
    expect(read).toEqual([rows]);
  });

  it('of one site are replaced alone', async () => {
    const [one, other] = [addSite(), addSite()];
    const tracker = addTracker(one);
    addTracker(other);
    await settings.refresh(null);
    rows.trackers = rows.trackers.map((row) => (row === tracker ? { ...tracker, name: 'New' } : row));
    await settings.refresh(one.id);
    expect(settings.trackerById(tracker.id)?.name).toBe('New');
    expect(settings.trackersOf(other.id, '+12125550100')).toHaveLength(1);
    expect(reads).toEqual([null, one.id]);
  });

  it('of one site take a number along that moved there', async () => {
    const [one, other] = [addSite(), addSite()];
    const [from, to] = [addTracker(one), addTracker(other)];
    addNumber('+12025550100', from);
    await settings.refresh(null);
    rows.numbers = [];
    addNumber('+12025550100', to);
    await settings.refresh(other.id);
    expect((await settings.numberForCall('+12025550100'))?.site.id).toBe(other.id);
    expect(settings.isTrackingNumber(one.id, '+12025550100')).toBe(false);
    expect(settings.isTrackingNumber(other.id, '+12025550100')).toBe(true);
  });
});

describe('the trackers of a target', () => {
  it('come in order of priority, those in use only', async () => {
    const site = addSite();
    const late = addTracker(site, { priority: 20 });
    const early = addTracker(site, { priority: 10 });
    addTracker(site, { targets: ['+12125550101'] });
    addTracker(site, { retired_at: new Date() });
    addTracker(addSite());
    await settings.refresh(null);
    expect(settings.trackersOf(site.id, '+12125550100')).toEqual([early, late]);
    expect(settings.targetsOf(site.id)).toEqual(['+12125550100', '+12125550101']);
    expect(settings.trackersOf('nothing', '+12125550100')).toEqual([]);
  });
});

describe('what is retired', () => {
  it('is a site without its key, whose calls are still known', async () => {
    const site = addSite({ retired_at: new Date() });
    const tracker = addTracker(site, { retired_at: new Date() });
    addNumber('+12025550100', tracker, { retired_at: new Date() });
    await settings.refresh(null);
    expect(await settings.siteByKey(site.key)).toBeNull();
    expect(await settings.numberForCall('+12025550100')).toMatchObject({ site: { id: site.id } });
    expect(settings.isTrackingNumber(site.id, '+12025550100')).toBe(true);
  });

  it.each([
    [29, true],
    [31, false],
  ])('is a number: %i days later calls to it are taken: %s', async (days, expected) => {
    const tracker = addTracker(addSite());
    addNumber('+12025550100', tracker, { retired_at: new Date(Date.now() - days * DAY) });
    await settings.refresh(null);
    expect((await settings.numberForCall('+12025550100')) !== null).toBe(expected);
  });
});
