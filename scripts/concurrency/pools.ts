import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../faults/ask.js';

/** A pool with more visitors than numbers. */
export interface CrowdedPool {
  siteKey: string;
  trackerId: string;
  target: string;
  numbers: string[];
  minSeconds: number;
  /** Its part of the visitors. */
  share: number;
}

export interface PoolPlan {
  numbers: number;
  share: number;
  reservationSeconds: number;
  minSeconds: number;
}

/** The servers, their database, and the key to change settings with. */
export interface Servers {
  urls: string[];
  database: string;
  adminKey: string;
}

async function made<T>({ urls, adminKey }: Servers, path: string, body: unknown): Promise<T> {
  const response = await fetch(`${urls[0]}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** Waits until the server knows the target. Without consent nothing is kept, and no number is taken. */
async function untilKnown(url: string, { siteKey, target }: CrowdedPool): Promise<void> {
  const page = { url: 'https://shop.example/', referrer: '', title: '' };
  const event = { type: 'view', site: siteKey, page, found: [target], consent: 'none' };
  for (;;) {
    const { status, body } = await ask(`${url}/v1/events`, event, 5_000);
    if (status === 200 && body.status === 'no_number') return;
    await sleep(50);
  }
}

/** A site with these pools, known to every server. */
export async function makePools(servers: Servers, plans: PoolPlan[]): Promise<CrowdedPool[]> {
  const site = await made<{ id: string; key: string }>(servers, '/v1/sites', { name: 'Crowded' });
  const pools: CrowdedPool[] = [];
  for (const [at, plan] of plans.entries()) {
    const target = `+1212555010${at}`;
    const numbers = Array.from(
      { length: plan.numbers },
      (_, index) => `+199${at}${String(index).padStart(7, '0')}`,
    );
    const tracker = await made<{ id: string }>(servers, '/v1/trackers', {
      site_id: site.id,
      name: `Pool of ${plan.numbers}`,
      type: 'session',
      targets: [target],
      destination: '+12125550150',
      numbers,
      reservation_seconds: plan.reservationSeconds,
      min_reservation_seconds: plan.minSeconds,
    });
    pools.push({
      siteKey: site.key,
      trackerId: tracker.id,
      target,
      numbers,
      minSeconds: plan.minSeconds,
      share: plan.share,
    });
  }
  for (const url of servers.urls) for (const pool of pools) await untilKnown(url, pool);
  return pools;
}
