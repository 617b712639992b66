import { MIN_WINDOW, WINDOW } from './steps.js';

/** A number of the pool as the lease history had it before a view. Times in seconds of the virtual clock. */
export interface NumberRow {
  number: string;
  /** Whose last lease it was, as long as it remembers. */
  visitor: string | null;
  lease: string | null;
  /** That lease has neither ended nor run out. */
  live: boolean;
  /** -Infinity: never. */
  signed: number;
  promised: number;
  reserved: number;
}

export interface Told {
  visitor: string;
  number: string;
  lease: string;
  assignment: string;
}

/** A lease store may wait so much longer than a window, for signs on their way. */
const GRACE = 3;
/** An offer is a sign to a store, its commit one to the history, at most so much later. */
export const COMMIT = 1;
/** Of sums of seconds. */
const ROUNDING = 0.001;

/**
 * What has been told to whom, and what a lease store may rightly believe. It knows nothing of how leases are kept:
 * design.md's invariants 1 and 2 and the order in a pool, in a few comparisons.
 */
export class LeaseModel {
  /** Who was promised a number, until when. */
  #promises = new Map<string, { visitor: string; until: number }>();
  /** The last sign told of a number: the lease history may hear of it up to a second later. */
  #signs = new Map<string, number>();
  /** Numbers that a store may count as in use since then, whatever the history says: offered and never committed, or not surely over when the pool was loaded. */
  #disturbed = new Map<string, { by: string | null; at: number }>();
  /** Pools after something that heals only step by step, so that their order is not checked. */
  #unsure = new Set<string>();

  offered(number: string, visitor: string, now: number): void {
    this.#disturbed.set(number, { by: visitor, at: now });
  }

  /** A store has loaded a pool, or its membership, in which these leases were not surely over. */
  loaded(numbers: string[], now: number): void {
    for (const number of numbers) {
      this.#disturbed.set(number, { by: this.#disturbed.get(number)?.by ?? null, at: now });
    }
  }

  disorder(tracker: string): void {
    this.#unsure.add(tracker);
  }

  /** A browser is told a number, promised from `now` on. What is wrong with that, or null. */
  told({ visitor, number }: Told, now: number): string | null {
    const before = this.#promises.get(number);
    if (before && before.visitor !== visitor && before.until > now) {
      return `${number} is told ${visitor}, and promised ${before.visitor} for ${before.until - now} s more`;
    }
    this.#promises.set(number, { visitor, until: Math.max(now + MIN_WINDOW, before?.until ?? 0) });
    this.#signs.set(number, now);
    return null;
  }

  /** What is wrong with the answer to a view of this visitor, or null. `pool`: before the view. */
  answered(
    ask: { tracker: string; visitor: string; last: string | null; now: number },
    pool: NumberRow[],
    told: Told | null,
  ): string | null {
    const { visitor, last, now } = ask;
    const own = pool.find((row) => row.live && row.visitor === visitor);
    if (own)
      return told?.number === own.number ? null : `${visitor} holds ${own.number}, is told ${told?.number}`;
    if (this.#unsure.has(ask.tracker)) return null;
    const sign = (row: NumberRow) => Math.max(row.signed, this.#signs.get(row.number) ?? -Infinity);
    const latest = (row: NumberRow) => Math.max(sign(row), this.#disturbed.get(row.number)?.at ?? -Infinity);
    const isQuiet = (row: NumberRow, window: number) => latest(row) <= now - window - GRACE;
    const isOver = (until: number) => until <= now - GRACE;

    const remembered = pool.find((row) => row.number === last && row.visitor === visitor);
    if (remembered && (this.#disturbed.get(remembered.number)?.by ?? visitor) === visitor) {
      return told?.number === remembered.number
        ? null
        : `${visitor} held ${remembered.number} last, is told ${told?.number}`;
    }
    const exclusive = pool.filter((row) => isQuiet(row, WINDOW) && isOver(row.reserved));
    const elastic = pool.filter((row) => isQuiet(row, MIN_WINDOW) && isOver(row.promised));
    const free = exclusive.length > 0 ? exclusive : elastic;
    if (!told) return free[0] ? `${visitor} is told none while ${free[0].number} is free` : null;
    const given = pool.find((row) => row.number === told.number);
    if (!given) return `${told.number} is told, which is not in the pool`;
    // An offer of theirs that was not committed yet stands, whatever has become free since.
    const offer = this.#disturbed.get(given.number);
    const isTheirs = given.visitor === visitor || (offer?.by === visitor && offer.at + WINDOW > now);
    if (isTheirs) return null;
    // Within the grace a store may take it for over or not.
    const isExclusive = sign(given) + WINDOW <= now + ROUNDING && given.reserved <= now + ROUNDING;
    const older = (isExclusive ? exclusive : free).find((row) => latest(row) < sign(given) - COMMIT);
    if (older) return `${given.number} is told, and ${older.number} rests longer`;
    if (exclusive.length > 0 && given.reserved > now + ROUNDING) {
      return `${given.number} is cut short while ${exclusive[0]?.number} is free`;
    }
    return null;
  }
}
