/** Of everything here: the key is that of a service that lives for seconds on loopback. */
export const ADMIN_KEY = 'a-key-for-the-faults-only';

/** Windows short enough that numbers change hands again and again while something is broken. */
const RESERVATION_SECONDS = 20;
const MIN_RESERVATION_SECONDS = 5;
/** The pool is shorter than its visitors. */
const NUMBERS = 40;

const TARGET = '+12125550100';
const PRINTED = '+12125550101';
const SOURCE_NUMBER = '+12135550199';
const fictional = (at: number): string => `+120355501${String(at).padStart(2, '0')}`;

/** A site that shows two numbers of its own: one of them is a pool's, the other a source tracker's. */
export interface Shop {
  siteId: string;
  key: string;
  /** The target that stands for a number of the pool, and the one that stands for `sourceNumber`. */
  target: string;
  printed: string;
  /** Numbers that calls may be made to. */
  pool: string[];
  retired: string;
  sourceNumber: string;
  /** Where a call to each number must be routed. */
  destinations: Map<string, string>;
}

async function made<T>(url: string, body: unknown, method = 'POST'): Promise<T> {
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** Makes the shop through the API of the server at `url`. One of its numbers has been retired. */
export async function openShop(url: string): Promise<Shop> {
  const site = await made<{ id: string; key: string }>(`${url}/v1/sites`, { name: 'Shop' });
  const pool = Array.from({ length: NUMBERS }, (_, at) => fictional(at));
  const retired = fictional(NUMBERS);
  const session = await made<{ id: string }>(`${url}/v1/trackers`, {
    site_id: site.id,
    name: 'Pool',
    type: 'session',
    targets: [TARGET],
    destination: '+12125550150',
    numbers: [...pool, retired],
    reservation_seconds: RESERVATION_SECONDS,
    min_reservation_seconds: MIN_RESERVATION_SECONDS,
  });
  await made(`${url}/v1/trackers/${session.id}`, { numbers: pool }, 'PATCH');
  await made(`${url}/v1/trackers`, {
    site_id: site.id,
    name: 'Flyer',
    type: 'source',
    targets: [PRINTED],
    destination: '+12125550151',
    numbers: [SOURCE_NUMBER],
    source: 'flyer',
  });
  return {
    siteId: site.id,
    key: site.key,
    target: TARGET,
    printed: PRINTED,
    pool,
    retired,
    sourceNumber: SOURCE_NUMBER,
    destinations: new Map([
      ...[...pool, retired].map((number) => [number, '+12125550150'] as const),
      [SOURCE_NUMBER, '+12125550151'],
    ]),
  };
}
