import { newId } from '../../lib/ids.js';
import type { SettingsStore } from '../../stores/settings.js';
import type { Settings } from './settings.js';

/** The key of the demo site: its script is at /dni/demo.js. */
export const DEMO_KEY = 'demo';

/** The number printed on the demo's page. All of the demo's numbers are reserved for fiction (NANPA, 555-01XX). */
export const DEMO_TARGET = '+12025550100';

const NUMBERS = Array.from({ length: 20 }, (_, at) => `+120255501${String(at + 10)}`);

/** Makes the demo site with a pool of fictional numbers, unless it is there. */
export async function makeDemoSite(store: SettingsStore, settings: Settings): Promise<void> {
  if (await settings.siteByKey(DEMO_KEY)) return;
  const siteId = newId();
  await store.createSite({
    id: siteId,
    key: DEMO_KEY,
    name: 'Demo: a plumber',
    time_zone: 'UTC',
    default_region: 'US',
    allowed_origins: [],
    min_confidence: 0.5,
    qualified_seconds: 60,
    currency: 'USD',
    excluded_addresses: [],
    excluded_hosts: [],
    providers: {},
    channel_rules: [],
  });
  await store.createTracker({
    id: newId(),
    site_id: siteId,
    name: 'Website visitors',
    type: 'session',
    targets: [DEMO_TARGET],
    destination: DEMO_TARGET,
    numbers: NUMBERS,
    match: {},
    priority: 100,
    reservation_seconds: 1800,
    min_reservation_seconds: 300,
    attribution_days: 30,
    source: null,
    medium: null,
    campaign: null,
  });
  await settings.refresh(siteId);
}
