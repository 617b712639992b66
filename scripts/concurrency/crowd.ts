import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../../server/lib/ids.js';
import type { EventReply } from '../../shared/events.js';
import { ask, type Reply } from '../faults/ask.js';
import type { Shown } from '../faults/promises.js';
import type { CrowdedPool } from './pools.js';

const GIVE_UP_MS = 60_000;
const BUSY = 503;
const PATIENCE = 60;

/** What the visitors of one pool were told. */
export interface Heard {
  pool: CrowdedPool;
  shown: Shown[];
  /** Asked at `at`, and from `askedAt` to `answeredAt` by the wall clock, which the database shares. */
  refusals: { visitor: string; isView: boolean; askedAt: number; answeredAt: number; at: number }[];
  failed: string[];
  longestMs: number;
}

export const nothingHeard = (pool: CrowdedPool): Heard => ({
  pool,
  shown: [],
  refusals: [],
  failed: [],
  longestMs: 0,
});

/** Busy, or a pool is being loaded for longer than a page waits. */
const isForNow = ({ status, body }: Reply) =>
  status === BUSY || (status === 200 && (body as EventReply).status === 'unavailable');

/** Asks a server; one that cannot answer for now is asked again, as a page would be loaded again. */
async function askPatiently(url: string, body: unknown): Promise<Reply> {
  for (let attempt = 0; ; attempt += 1) {
    const reply = await ask(`${url}/v1/events`, body, GIVE_UP_MS);
    if (!isForNow(reply) || attempt === PATIENCE) return reply;
    await sleep(200);
  }
}

/** One visitor: two tabs at once on two servers, later another page on a third, and a renewal on the fourth. */
async function visit(urls: string[], heard: Heard): Promise<void> {
  const { pool } = heard;
  const visitor = newId();
  const first = Math.floor(Math.random() * urls.length);
  async function send(type: 'view' | 'renew', server: number): Promise<void> {
    const page = { id: newId(), url: 'https://shop.example/', referrer: '', title: '' };
    const url = urls[(first + server) % urls.length] as string;
    const since = performance.now();
    const wall = Date.now();
    const reply = await askPatiently(url, {
      type,
      site: pool.siteKey,
      visitor,
      page,
      found: [pool.target],
    });
    heard.longestMs = Math.max(heard.longestMs, reply.answeredAt - since);
    if (reply.status !== 200) {
      heard.failed.push(`${type}: ${reply.status} ${JSON.stringify(reply.body)}`);
      return;
    }
    const { swaps, status } = reply.body as EventReply;
    const [swap] = swaps;
    const { askedAt, answeredAt } = reply;
    if (swap?.lease) {
      const { number, lease, expires_in } = swap;
      const promisedMs = (expires_in as number) * 1000;
      heard.shown.push({ number, visitor, lease, askedAt, answeredAt, promisedMs });
    } else if (status !== 'no_number') heard.failed.push(`${type}: ${status}`);
    else {
      const isView = type === 'view';
      heard.refusals.push({ visitor, isView, askedAt: wall, answeredAt: Date.now(), at: askedAt });
    }
  }
  await Promise.all([send('view', 0), send('view', 1)]);
  await send('view', 2);
  await send('renew', 3);
}

/** All of them, so many at a time. */
export async function crowd(
  urls: string[],
  heard: Heard[],
  { visitors, connections }: { visitors: number; connections: number },
): Promise<void> {
  const weights = heard.flatMap((one) => Array<Heard>(one.pool.share).fill(one));
  let come = 0;
  const worker = async () => {
    while (come < visitors) {
      const next = weights[come % weights.length] as Heard;
      come += 1;
      await visit(urls, next);
    }
  };
  // A visitor uses up to two connections at once.
  await Promise.all(Array.from({ length: connections / 2 }, worker));
}
