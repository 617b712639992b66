import type {
  ApiKey,
  SettingsRows,
  SettingsStore,
  Site,
  Tracker,
  TrackingNumber,
} from '../../stores/settings.js';

const DAY_MS = 86_400_000;

/** A number of ours with the tracker and the site that it belongs to. */
export interface OwnedNumber {
  number: TrackingNumber;
  tracker: Tracker;
  site: Site;
}

/** The settings of all sites in this server's memory: what a visit or a call needs, without asking the database. */
export interface Settings {
  siteByKey(key: string): Promise<Site | null>;
  siteById(id: string): Site | null;
  /** The trackers in use of a site that replace this target, smallest priority first. */
  trackersOf(siteId: string, target: string): Tracker[];
  /** Every target of a site's trackers, for the snippet. */
  targetsOf(siteId: string): string[];
  trackerById(id: string): Tracker | null;
  /** A number that calls are still taken on: in use, or retired no longer ago than its attribution window. */
  numberForCall(number: string): Promise<OwnedNumber | null>;
  /** A number of the site that is leased or shown today. */
  isTrackingNumber(siteId: string, number: string): boolean;
  keyByHash(hash: string): Promise<ApiKey | null>;
  /** Reads one site anew, or everything. */
  refresh(siteId: string | null): Promise<void>;
  loaded(): boolean;
}

interface Memory {
  sites: Map<string, Site>;
  siteIdByKey: Map<string, string>;
  trackers: Map<string, Tracker>;
  trackersBySite: Map<string, Tracker[]>;
  numbers: Map<string, TrackingNumber>;
  keys: Map<string, ApiKey>;
}

function remember(rows: SettingsRows): Memory {
  const trackersBySite = new Map<string, Tracker[]>();
  for (const tracker of rows.trackers) {
    if (tracker.retired_at) continue;
    trackersBySite.set(tracker.site_id, [...(trackersBySite.get(tracker.site_id) ?? []), tracker]);
  }
  for (const trackers of trackersBySite.values()) {
    trackers.sort((a, b) => a.priority - b.priority || (a.id < b.id ? -1 : 1));
  }
  return {
    sites: new Map(rows.sites.map((site) => [site.id, site])),
    siteIdByKey: new Map(rows.sites.filter((site) => !site.retired_at).map((site) => [site.key, site.id])),
    trackers: new Map(rows.trackers.map((tracker) => [tracker.id, tracker])),
    trackersBySite,
    numbers: new Map(rows.numbers.map((number) => [number.number, number])),
    keys: new Map(rows.keys.map((key) => [key.hash, key])),
  };
}

/** What was remembered, with one site's rows replaced by those just read. */
function replaceSite(rows: SettingsRows, siteId: string, fresh: SettingsRows): SettingsRows {
  const others = <T extends { site_id: string | null }>(list: T[]) =>
    list.filter((row) => row.site_id !== siteId);
  const moved = new Set(fresh.numbers.map((number) => number.number));
  return {
    sites: [...rows.sites.filter((site) => site.id !== siteId), ...fresh.sites],
    trackers: [...others(rows.trackers), ...fresh.trackers],
    numbers: [...others(rows.numbers).filter((number) => !moved.has(number.number)), ...fresh.numbers],
    keys: [...others(rows.keys), ...fresh.keys],
  };
}

/**
 * Settings in memory, filled from the store. What is asked for and not there is read once more before the answer is
 * no (another server may have made it this very moment), at most once in `missIntervalMs`.
 */
export function createSettings(store: Pick<SettingsStore, 'read'>, missIntervalMs = 500): Settings {
  let rows: SettingsRows | null = null;
  let memory: Memory = remember({ sites: [], trackers: [], numbers: [], keys: [] });
  let queue: Promise<void> = Promise.resolve();
  let lastMiss = Number.NEGATIVE_INFINITY;

  // One refresh after the other, so that an older answer never replaces a newer one.
  function refresh(siteId: string | null): Promise<void> {
    const next = queue.then(async () => {
      const fresh = await store.read(rows ? siteId : null);
      rows = rows && siteId ? replaceSite(rows, siteId, fresh) : fresh;
      memory = remember(rows);
    });
    queue = next.catch(() => {});
    return next;
  }

  async function orReadAgain<T>(look: () => T | null): Promise<T | null> {
    const found = look();
    if (found !== null || performance.now() - lastMiss < missIntervalMs) return found;
    lastMiss = performance.now();
    // A store that is away is no reason to fail: what memory says then counts.
    await refresh(null).catch(() => {});
    return look();
  }

  function owned(number: string): OwnedNumber | null {
    const entry = memory.numbers.get(number);
    const tracker = entry && memory.trackers.get(entry.tracker_id);
    const site = tracker && memory.sites.get(tracker.site_id);
    if (!entry || !tracker || !site) return null;
    const retired = entry.retired_at?.getTime();
    if (retired !== undefined && Date.now() - retired > tracker.attribution_days * DAY_MS) return null;
    return { number: entry, tracker, site };
  }

  return {
    siteByKey: (key) => orReadAgain(() => memory.sites.get(memory.siteIdByKey.get(key) ?? '') ?? null),
    siteById: (id) => memory.sites.get(id) ?? null,
    trackersOf: (siteId, target) =>
      (memory.trackersBySite.get(siteId) ?? []).filter((tracker) => tracker.targets.includes(target)),
    targetsOf: (siteId) => [
      ...new Set((memory.trackersBySite.get(siteId) ?? []).flatMap((tracker) => tracker.targets)),
    ],
    trackerById: (id) => memory.trackers.get(id) ?? null,
    numberForCall: (number) => orReadAgain(() => owned(number)),
    isTrackingNumber: (siteId, number) => {
      const entry = memory.numbers.get(number);
      return entry?.site_id === siteId && entry.retired_at === null;
    },
    keyByHash: (hash) => orReadAgain(() => memory.keys.get(hash) ?? null),
    refresh,
    loaded: () => rows !== null,
  };
}
