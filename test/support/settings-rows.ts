import { newId } from '../../server/lib/ids.js';
import type { NewSite, NewTracker } from '../../server/stores/settings.js';

let sites = 0;

/** A site as the settings store takes it. */
export function newSite(given: Partial<NewSite> = {}): NewSite {
  sites += 1;
  return {
    id: newId(),
    key: `site-${process.pid}-${sites}`,
    name: `Site ${sites}`,
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
    ...given,
  };
}

/** A session tracker of that site without numbers, as the settings store takes it. */
export const newTracker = (siteId: string, given: Partial<NewTracker> = {}): NewTracker => ({
  id: newId(),
  site_id: siteId,
  name: 'Pool',
  type: 'session',
  targets: ['+12125550100'],
  destination: '+12125550150',
  numbers: [],
  match: {},
  priority: 100,
  reservation_seconds: 1800,
  min_reservation_seconds: 300,
  attribution_days: 30,
  source: null,
  medium: null,
  campaign: null,
  ...given,
});
