import { decide } from '../../server/domain/attribution/decide.js';
import { MemoryHistory, type MemoryLease } from './memory.js';
import { seededRandom } from './random.js';
import type { PoolSettings, World } from './world.js';

/**
 * What others do with a pool, to compare with: any free number (`random`) or the one that rested longest (`lru`), kept
 * for the reservation after the last sign, in memory. Nobody is given the number that they had before.
 */
export function createRule(
  policy: 'lru' | 'random',
  { numbers: count, reservation, minReservation, join }: PoolSettings,
  seed: number,
): World {
  const random = seededRandom(seed);
  const numbers = Array.from({ length: count }, (_, at) => String(at));
  const history = new MemoryHistory(numbers);
  let leases = 0;

  const seenAt = (number: string) => history.last(number)?.seenAt ?? -Infinity;
  const free = (t: number, window: number) => numbers.filter((number) => seenAt(number) + window <= t);
  const choose = (some: string[]): string =>
    policy === 'random'
      ? random.pick(some)
      : some.reduce((oldest, number) => (seenAt(number) < seenAt(oldest) ? number : oldest));

  /** The visitor's lease, if it still lives. */
  const own = (visitor: string, t: number): [string, MemoryLease] | null => {
    for (const number of numbers) {
      const lease = history.last(number);
      if (lease?.visitor === visitor && lease.seenAt + reservation > t) return [number, lease];
    }
    return null;
  };

  async function sign(visitor: string, t: number, hasLeft: boolean): Promise<void> {
    const [, lease] = own(visitor, t) ?? [];
    if (lease) Object.assign(lease, { seenAt: t, hasLeft });
  }

  return {
    async view({ visitor, t }) {
      const live = own(visitor, t);
      if (live) {
        Object.assign(live[1], { seenAt: t, hasLeft: false });
        return live[0];
      }
      const rested = free(t, reservation);
      const some = rested.length > 0 ? rested : free(t, minReservation);
      if (some.length === 0) return null;
      const number = choose(some);
      leases += 1;
      const id = String(leases).padStart(9, '0');
      history.leases
        .get(number)
        ?.push({ id, visitor, leasedAt: t, seenAt: t, hasLeft: false, tappedAt: null });
      return number;
    },
    renew: (visitor, t) => sign(visitor, t, false),
    leave: (visitor, t) => sign(visitor, t, true),
    async tap(visitor, number, t) {
      history.tap(number, visitor, t);
    },
    async call({ number, from, t }) {
      if (join === 'last') return { visitor: history.last(number)?.visitor ?? null, confidence: 1 };
      const facts = history.factsOf({ number, from, t });
      const decision = decide(facts);
      history.called({ number, from }, facts, decision);
      return { visitor: decision.visitor_id, confidence: decision.confidence };
    },
    async learn(t) {
      if (join === 'product') history.learn(t);
    },
    async close() {},
  };
}
