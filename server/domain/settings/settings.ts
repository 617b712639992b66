import type {
  ApiKey,
  SettingsRows,
  SettingsStore,
  Site,
  Tracker,
  TrackingNumber,
} from '../../stores/settings.js';
import { createLookUp } from './look-up.js';

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
  /** A number of one of the site's trackers, retired ones too. */
  isTrackingNumber(siteId: string, number: string): boolean;
  /** The secrets of the sites that use this account at Twilio. */
  twilioTokens(accountSid: string): { siteId: string; token: string }[];
  keyByHash(hash: string): Promise<ApiKey | null>;
  /** Reads one site anew, or everything. */
  refresh(siteId: string | null): Promise<void>;
  /** Takes settings from a copy, until they can be read. */
  restore(copy: SettingsRows): void;
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
 * Settings in memory, filled from the store. What is asked for and not there is looked up before the answer is no:
 * another server may have made it this very moment. Then its site is read, and for junk nothing is. Each kind is looked
 * up once in `missIntervalMs`, whatever is asked for meanwhile together. `onRead` is given what memory has after a read.
 */
export function createSettings(
  store: Pick<SettingsStore, 'read' | 'sitesOf'>,
  { missIntervalMs = 200, onRead }: { missIntervalMs?: number; onRead?: (rows: SettingsRows) => void } = {},
): Settings {
  let rows: SettingsRows | null = null;
  /** What is remembered was read by an earlier process. */
  let isCopy = false;
  let memory: Memory = remember({ sites: [], trackers: [], numbers: [], keys: [] });
  let queue: Promise<void> = Promise.resolve();

  // One refresh after the other, so that an older answer never replaces a newer one.
  function refresh(siteId: string | null): Promise<void> {
    const next = queue.then(async () => {
      const fresh = await store.read(rows && !isCopy ? siteId : null);
      rows = rows && !isCopy && siteId ? replaceSite(rows, siteId, fresh) : fresh;
      isCopy = false;
      memory = remember(rows);
      onRead?.(rows);
    });
    queue = next.catch(() => {});
    return next;
  }

  function lookUp(kind: Parameters<SettingsStore['sitesOf']>[0]) {
    const wait = createLookUp(async (names) => {
      const sites = new Set(await store.sitesOf(kind, names));
      // A key of no site is among everything only.
      for (const site of sites.has(null) ? [null] : sites) await refresh(site);
    }, missIntervalMs);
    return async <T>(name: string, look: (name: string) => T | null): Promise<T | null> => {
      const found = look(name);
      if (found !== null) return found;
      await wait(name);
      return look(name);
    };
  }
  const orLookUp = { site: lookUp('site_key'), number: lookUp('number'), key: lookUp('key_hash') };

  const siteByKey = (key: string) => memory.sites.get(memory.siteIdByKey.get(key) ?? '') ?? null;

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
    siteByKey: (key) => orLookUp.site(key, siteByKey),
    siteById: (id) => memory.sites.get(id) ?? null,
    trackersOf: (siteId, target) =>
      (memory.trackersBySite.get(siteId) ?? []).filter((tracker) => tracker.targets.includes(target)),
    targetsOf: (siteId) => [
      ...new Set((memory.trackersBySite.get(siteId) ?? []).flatMap((tracker) => tracker.targets)),
    ],
    trackerById: (id) => memory.trackers.get(id) ?? null,
    numberForCall: (number) => orLookUp.number(number, owned),
    isTrackingNumber: (siteId, number) => memory.numbers.get(number)?.site_id === siteId,
    twilioTokens: (accountSid) =>
      [...memory.sites.values()].flatMap(({ id, providers: { twilio } }) =>
        twilio?.account_sid === accountSid ? [{ siteId: id, token: twilio.auth_token }] : [],
      ),
    keyByHash: (hash) => orLookUp.key(hash, (wanted) => memory.keys.get(wanted) ?? null),
    refresh,
    restore(copy) {
      rows = copy;
      isCopy = true;
      memory = remember(copy);
    },
    loaded: () => rows !== null,
  };
}
