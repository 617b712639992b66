// Settings as they are stored and as the API shows them: one shape, in the names of the contract.

export type Scope = 'admin' | 'reports:read' | 'calls:write';

export interface TwilioSecrets {
  account_sid?: string;
  auth_token: string;
}

export interface Site {
  id: string;
  key: string;
  name: string;
  time_zone: string;
  default_region: string;
  allowed_origins: string[];
  min_confidence: number;
  qualified_seconds: number;
  /** Of costs and of calls' values, ISO 4217. */
  currency: string;
  excluded_addresses: string[];
  excluded_hosts: string[];
  providers: { twilio?: TwilioSecrets };
  /** Its own, before those of Google Analytics 4; the first that fits. */
  channel_rules: ChannelRule[];
  /** Another one whenever the rules change. */
  channel_version: number;
  /** As of when it was read: whether all that is stored goes by these rules. */
  channels_derived: boolean;
  created_at: Date;
  retired_at: Date | null;
}

/** What an arrival is to be: keys AND, arrays OR, compared without case. */
export interface ArrivalMatch {
  source?: string | string[];
  medium?: string | string[];
  campaign?: string | string[];
  /** Begin of a path. */
  landing_page?: string | string[];
  referrer_domain?: string | string[];
}

export interface TrackerMatch extends ArrivalMatch {
  channel?: string | string[];
}

export interface ChannelRule {
  channel: string;
  /** Of a registrable domain every host; a click id by its parameter. */
  match: ArrivalMatch & { click_id?: string | string[] };
}

export interface Tracker {
  id: string;
  site_id: string;
  name: string;
  type: 'session' | 'source';
  targets: string[];
  destination: string;
  /** Those in use; retired ones are not listed. */
  numbers: string[];
  match: TrackerMatch;
  priority: number;
  reservation_seconds: number;
  min_reservation_seconds: number;
  attribution_days: number;
  source: string | null;
  medium: string | null;
  campaign: string | null;
  pool_version: number;
  created_at: Date;
  retired_at: Date | null;
}

export interface TrackingNumber {
  number: string;
  site_id: string;
  tracker_id: string;
  created_at: Date;
  retired_at: Date | null;
}

export interface ApiKey {
  id: string;
  name: string;
  scopes: Scope[];
  site_id: string | null;
  /** SHA-256 of the key, hex. The key itself is shown once and kept nowhere. */
  hash: string;
  created_at: Date;
  retired_at: Date | null;
}

/** All that a server keeps in memory of one site, or of all; retired rows included, since calls to them still come. */
export interface SettingsRows {
  sites: Site[];
  trackers: Tracker[];
  numbers: TrackingNumber[];
  keys: ApiKey[];
}

export interface Page {
  /** Rows after this id; null: from the start. */
  after: string | null;
  limit: number;
}

type Stored = 'created_at' | 'retired_at';
export type NewSite = Omit<Site, Stored | 'channel_version' | 'channels_derived'>;
export type SitePatch = Partial<Omit<NewSite, 'id' | 'key'>>;
export type NewTracker = Omit<Tracker, Stored | 'pool_version'>;
export type TrackerPatch = Partial<Omit<NewTracker, 'id' | 'site_id' | 'type'>>;
export type NewKey = Omit<ApiKey, Stored>;

export interface SiteStore {
  listSites(page: Page, siteId: string | null): Promise<Site[]>;
  createSite(site: NewSite): Promise<Site>;
  /** Throws `conflict` where the site has costs in another currency than the new one. */
  updateSite(id: string, patch: SitePatch): Promise<Site | null>;
  /** Retires the site with its trackers, numbers and keys. The numbers that it had in use; null: no such site. */
  retireSite(id: string): Promise<Pick<TrackingNumber, 'number' | 'tracker_id'>[] | null>;
}

export interface TrackerStore {
  /** Retired or not. */
  tracker(id: string): Promise<Tracker | null>;
  /** How many numbers the tracker had that are retired now. */
  countRetired(trackerId: string): Promise<number>;
  listTrackers(page: Page, siteId: string | null): Promise<Tracker[]>;
  createTracker(tracker: NewTracker): Promise<Tracker>;
  updateTracker(id: string, patch: TrackerPatch): Promise<Tracker | null>;
  retireTracker(id: string): Promise<boolean>;
}

export interface NumberStore {
  /** Retired or not. */
  number(number: string): Promise<TrackingNumber | null>;
  listNumbers(page: Page, siteId: string | null): Promise<TrackingNumber[]>;
  addNumber(number: string, tracker: Pick<Tracker, 'id' | 'site_id'>): Promise<TrackingNumber>;
  moveNumber(number: string, tracker: Pick<Tracker, 'id' | 'site_id'>): Promise<TrackingNumber | null>;
  retireNumber(number: string): Promise<boolean>;
}

export interface KeyStore {
  /** Retired or not. */
  key(id: string): Promise<ApiKey | null>;
  listKeys(page: Page, siteId: string | null): Promise<ApiKey[]>;
  createKey(key: NewKey): Promise<ApiKey>;
  updateKey(id: string, patch: Partial<Pick<ApiKey, 'name' | 'scopes'>>): Promise<ApiKey | null>;
  retireKey(id: string): Promise<boolean>;
}

/**
 * Sites, trackers, numbers and keys. Lists leave out what is retired. Writing a number that another tracker uses
 * throws the problem `number_in_use`, and nothing is written. Neither is one that another site has retired and whose
 * calls are still that site's, nor one that is a target or a destination of a tracker of its site (`invalid_request`).
 */
export interface SettingsStore extends SiteStore, TrackerStore, NumberStore, KeyStore {
  /** For memory: everything, or what belongs to one site. */
  read(siteId: string | null): Promise<SettingsRows>;
  /** The sites that have one of these in use; null among them: a key that is bound to none. */
  sitesOf(kind: 'site_key' | 'number' | 'key_hash', names: string[]): Promise<(string | null)[]>;
}
