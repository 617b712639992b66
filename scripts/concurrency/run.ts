import pg from 'pg';
import { givenAway, type Shown } from '../faults/promises.js';
import { OVERLAPS } from '../overlaps.js';
import { crowd, type Heard, nothingHeard } from './crowd.js';
import { refusedWhileFree } from './free-numbers.js';
import { makePools, type PoolPlan, type Servers } from './pools.js';

/** A store waits so much longer than a promise before it gives a number on; and half a second for the way. */
const GRACE_MS = 2_500;

export interface Findings {
  visitors: number;
  answers: number;
  refused: number;
  leases: number;
  /** Requests without an answer that tells a number or that there is none. */
  failed: string[];
  /** What must be 0. */
  overlaps: number;
  givenAway: number;
  inconsistent: number;
  withoutLease: number;
  refusedWhileFree: number;
}

interface LeaseRow {
  id: string;
  number: string;
  visitor_id: string;
  leased_at: Date;
  last_seen_at: Date;
}

/** Visitors who were told another number, or that there is none, while one was promised to them. Pure. */
export function inconsistent({ shown, refusals }: Pick<Heard, 'shown' | 'refusals'>): string[] {
  const byVisitor = new Map<string, Shown[]>();
  for (const one of shown) byVisitor.set(one.visitor, [...(byVisitor.get(one.visitor) ?? []), one]);
  const isPromised = (one: Shown, at: number) => at < one.askedAt + one.promisedMs;
  const changed = [...byVisitor].filter(([, told]) =>
    told.some((a) =>
      told.some((b) => a.number !== b.number && b.askedAt >= a.askedAt && isPromised(a, b.answeredAt)),
    ),
  );
  const dropped = refusals.filter(({ visitor, at }) =>
    byVisitor.get(visitor)?.some((one) => one.answeredAt < at && isPromised(one, at + 1)),
  );
  return [...changed.map(([visitor]) => visitor), ...dropped.map(({ visitor }) => visitor)];
}

/** Lets visitors ask many servers at once, and compares what they were told with each other and with the history. */
export async function runConcurrency(
  servers: Servers,
  load: { visitors: number; connections: number; pools: PoolPlan[] },
): Promise<Findings> {
  const heard = (await makePools(servers, load.pools)).map(nothingHeard);
  await crowd(servers.urls, heard, load);

  const client = new pg.Client(servers.database);
  await client.connect();
  try {
    const leasesOf = async (trackerId: string) =>
      (await client.query<LeaseRow>('select * from leases where tracker_id = $1', [trackerId])).rows;
    const found: Findings = {
      visitors: load.visitors,
      answers: 0,
      refused: 0,
      leases: 0,
      failed: heard.flatMap(({ failed }) => failed),
      overlaps: (await client.query(OVERLAPS, [null])).rowCount ?? Number.NaN,
      givenAway: 0,
      inconsistent: 0,
      withoutLease: 0,
      refusedWhileFree: 0,
    };
    for (const one of heard) {
      const leases = await leasesOf(one.pool.trackerId);
      const byId = new Map(leases.map((lease) => [lease.id, lease]));
      // A renewal never takes a number.
      const refusedViews = one.refusals.filter(({ isView }) => isView);
      found.answers += one.shown.length + one.refusals.length;
      found.refused += refusedViews.length;
      found.leases += leases.length;
      found.givenAway += givenAway(one.shown, new Set()).length;
      found.inconsistent += inconsistent(one).length;
      found.withoutLease += one.shown.filter(({ lease, number, visitor }) => {
        const row = byId.get(lease);
        return row?.number !== number || row.visitor_id !== visitor;
      }).length;
      found.refusedWhileFree += refusedWhileFree(
        refusedViews,
        one.pool.numbers,
        leases.map((lease) => ({
          number: lease.number,
          leasedAt: lease.leased_at.getTime(),
          lastSeenAt: lease.last_seen_at.getTime(),
        })),
        { keptMs: one.pool.minSeconds * 1000 + GRACE_MS, onTheWayMs: one.longestMs },
      ).length;
    }
    return found;
  } finally {
    await client.end();
  }
}

/** What must not be, in words; none: all is well. Pure. */
export const complaints = (found: Findings): string[] =>
  [
    [found.failed.length, `requests failed, as ${found.failed[0]}`] as const,
    [found.overlaps, 'overlaps'] as const,
    [found.givenAway, 'promised numbers given away'] as const,
    [found.inconsistent, 'visitors told one thing and another'] as const,
    [found.withoutLease, 'numbers shown without a lease'] as const,
    [found.refusedWhileFree, 'visitors refused while a number was free'] as const,
  ].flatMap(([count, what]) => (count > 0 ? [`${count} ${what}`] : []));
