import type { Answer, Api, Loose } from './api.js';
import { fictionalNumbers } from './fictional-numbers.js';

export interface SiteOptions {
  /** How many tracking numbers its pool has. */
  numbers?: number;
  /** Goes over the fields of the site and of its session tracker, as the API takes them. */
  site?: Record<string, unknown>;
  tracker?: Record<string, unknown>;
}

export interface TestSite {
  id: string;
  /** The public key that the snippet uses. */
  key: string;
  /** The number printed on its pages. */
  target: string;
  destination: string;
  /** The tracking numbers of its pool. */
  numbers: string[];
  site: Loose;
  tracker: Loose;
}

/** Numbers belong to one tracker, so every site of a test file gets the next ones, after those of the demo site. */
let used = 30;
let sites = 0;

/** Makes a site and a session tracker with fictional numbers through the API; `admin` speaks with an admin key. */
export async function makeSite(admin: Api, options: SiteOptions = {}): Promise<TestSite> {
  const count = options.numbers ?? 3;
  const numbers = fictionalNumbers(count, used);
  used += count;
  const place = String(sites++ % 50).padStart(2, '0');
  const target = `+121255501${place}`;
  const destination = `+121255501${Number(place) + 50}`;

  const site = created(
    await admin.post('/v1/sites', {
      name: `Site ${sites}`,
      time_zone: 'UTC',
      default_region: 'US',
      ...options.site,
    }),
  );
  const tracker = created(
    await admin.post('/v1/trackers', {
      site_id: site.id,
      name: 'Pool',
      type: 'session',
      targets: [target],
      destination,
      numbers,
      ...options.tracker,
    }),
  );
  return {
    id: site.id,
    key: site.key,
    target: tracker.targets[0],
    destination: tracker.destination,
    numbers: tracker.numbers,
    site,
    tracker,
  };
}

function created(answer: Answer<Loose>): Loose {
  if (answer.status !== 201) throw new Error(`Not created, ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}
