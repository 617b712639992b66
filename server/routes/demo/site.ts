import { DEMO_KEY } from '../../domain/settings/demo-site.js';
import { Problem } from '../../lib/errors.js';
import type { Site } from '../../stores/settings.js';
import type { Services } from '../services.js';

/** The demo's site: the only one that anything below /demo may touch. */
export async function demoSite({ settings, demo }: Services): Promise<Site> {
  const site = await settings.siteByKey(demo ?? DEMO_KEY);
  if (!site) throw new Problem('unknown_site', 'The demo site was removed.');
  return site;
}
