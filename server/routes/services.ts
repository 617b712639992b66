import type { ReceiveDeps } from '../domain/calls/receive.js';
import type { RefusalLog } from '../domain/leasing/refusal-log.js';
import type { LiveCalls } from '../domain/reports/live.js';
import type { Settings } from '../domain/settings/settings.js';
import type { BrowserEventDeps } from '../domain/visits/browser-events.js';
import type { Twilio } from '../providers/twilio/adapter.js';
import type { CostStore } from '../stores/costs.js';
import type { InstallStore } from '../stores/installs.js';
import type { LeadStore } from '../stores/leads.js';
import type { LeaseStore } from '../stores/lease-store.js';
import type { Limiter } from '../stores/limiter.js';
import type { PoolStore } from '../stores/pools.js';
import type { ReportStore } from '../stores/reports.js';
import type { SettingsStore } from '../stores/settings.js';
import type { Metrics } from './metrics.js';

/** Everything that routes call into, made by compose.ts. */
export interface Services {
  settings: Settings;
  settingsStore: SettingsStore;
  browser: BrowserEventDeps;
  calls: ReceiveDeps;
  leases: LeaseStore;
  costs: CostStore;
  leads: LeadStore;
  installs: InstallStore;
  pools: PoolStore;
  refusals: RefusalLog;
  reports: ReportStore;
  live: LiveCalls;
  metrics: Metrics;
  /** SHA-256 of ADMIN_KEY, or null where the admin key is in the database. */
  adminKeyHash: string | null;
  /** Where providers and browsers reach us; null: not configured. */
  publicUrl: string | null;
  /** The header, in small letters, in which a proxy says where a browser is. */
  countryHeader: string | null;
  twilio: Twilio;
  /** TWILIO_AUTH_TOKEN: valid for the numbers of sites without a secret of their own. */
  twilioTokens: string[];
  snippet: SnippetFile;
  /** The demo site's key, where there is one. */
  demo: string | null;
  /** Public requests. */
  requests: { byAddress: Limiter; bySite: Limiter };
  health: () => Promise<Health>;
}

export interface Health {
  ready: boolean;
  postgres: 'up' | 'down';
  redis: 'up' | 'down' | 'none';
  /** Call events that are not in the database: how many wait, how many of these in memory alone, how many were lost. */
  spool: { waiting: number; in_memory: number; dropped: number };
}

/** The built script, and the version that its immutable address carries. */
export interface SnippetFile {
  /** A function that takes a SnippetConfig or nothing. */
  code: string;
  /** What few pages need, loaded by the script. */
  more: string;
  /** What owners may paste into the head, with `KEY` where the site's key belongs. */
  stub: string;
  version: string;
}
