import type { CallDeps } from '../domain/calls/take-event.js';
import type { Settings } from '../domain/settings/settings.js';
import type { BrowserEventDeps } from '../domain/visits/browser-events.js';
import type { InstallStore } from '../stores/installs.js';
import type { LeaseStore } from '../stores/lease-store.js';
import type { SettingsStore } from '../stores/settings.js';
import type { Metrics } from './metrics.js';

/** Everything that routes call into, made by compose.ts. */
export interface Services {
  settings: Settings;
  settingsStore: SettingsStore;
  browser: BrowserEventDeps;
  calls: CallDeps;
  leases: LeaseStore;
  installs: InstallStore;
  metrics: Metrics;
  /** SHA-256 of ADMIN_KEY, or null where the admin key is in the database. */
  adminKeyHash: string | null;
  /** Where providers and browsers reach us; null: not configured. */
  publicUrl: string | null;
  twilioTokens: string[];
  health: () => Promise<Health>;
}

export interface Health {
  ready: boolean;
  postgres: 'up' | 'down';
  redis: 'up' | 'down' | 'none';
}
