import type { Facts, LeaseFact } from '../../server/domain/attribution/facts.js';
import { type Exposure, type KnownCall, learn } from '../../server/domain/attribution/learn.js';
import { DELAYS, DIAL_SECONDS, PRIOR, type TimeModel } from '../../server/domain/attribution/time-model.js';

const NEWEST = 50;
const WINDOW = 30 * 86_400;
const TAP_WINDOW = 300;

/** A lease as a rule that is not the product's keeps it. */
export interface MemoryLease {
  id: string;
  visitor: string;
  leasedAt: number;
  seenAt: number;
  hasLeft: boolean;
  tappedAt: number | null;
}

/** Leases and calls in memory, and the product's decision's facts made of them: as SQL makes them of its tables. */
export class MemoryHistory {
  readonly leases = new Map<string, MemoryLease[]>();
  /** By caller, who was named before: the visitor, how surely. */
  readonly #callers = new Map<string, { visitor: string; confidence: number }>();
  readonly #known: KnownCall[] = [];
  #model: TimeModel = PRIOR;
  #taps = 0;

  constructor(numbers: string[]) {
    for (const number of numbers) this.leases.set(number, []);
  }

  last(number: string): MemoryLease | null {
    return this.leases.get(number)?.at(-1) ?? null;
  }

  tap(number: string, visitor: string, t: number): void {
    const lease = this.last(number);
    if (lease?.visitor !== visitor) return;
    lease.tappedAt = t;
    lease.seenAt = Math.max(lease.seenAt, t);
    this.#taps += 1;
  }

  factsOf({ number, from, t }: { number: string; from: string | null; t: number }): Facts {
    const all = this.leases.get(number) ?? [];
    const before = from === null ? undefined : this.#callers.get(from);
    const looked = all.slice(-NEWEST).reverse();
    const older = all.slice(0, -NEWEST).filter(({ seenAt }) => seenAt >= t - WINDOW);
    return {
      started_at: new Date(t * 1000).toISOString(),
      tracker: { type: 'session', source: null, medium: null, campaign: null },
      leases: looked
        .filter(({ seenAt }) => seenAt >= t - WINDOW)
        .map(
          (lease): LeaseFact => ({
            lease_id: lease.id,
            visitor_id: lease.visitor,
            session_id: null,
            shown_for: t - lease.leasedAt,
            silent_for: Math.max(0, t - lease.seenAt),
            page_open: !lease.hasLeft,
            tapped_for:
              lease.tappedAt !== null && lease.tappedAt > t - TAP_WINDOW ? t - lease.tappedAt : null,
            country: null,
          }),
        ),
      older: older.map(({ leasedAt }) => ({ from: t - leasedAt, to: t - leasedAt, count: 1 })),
      code: null,
      redial: before
        ? { visitor_id: before.visitor, session_id: null, call_id: '', confidence: before.confidence }
        : null,
      caller_country: null,
      model: this.#model,
    };
  }

  /** The call was decided. */
  called(from: string | null, facts: Facts, named: { visitor: string | null; confidence: number }): void {
    if (!facts.redial) this.#known.push(facts);
    if (from === null || named.visitor === null || this.#callers.has(from)) return;
    this.#callers.set(from, { visitor: named.visitor, confidence: named.confidence });
  }

  learn(t: number): void {
    const rounds = learn(this.#known, this.#exposure(t));
    let step = rounds.next();
    while (!step.done) step = rounds.next();
    this.#model = { version: this.#model.version + 1, ...step.value };
  }

  #exposure(t: number): Exposure {
    const leases = [...this.leases.values()].flat();
    const open = leases.map(({ seenAt, leasedAt }) => Math.max(0, seenAt - leasedAt - DIAL_SECONDS));
    return {
      open_seconds: open.reduce((sum, seconds) => sum + seconds, 0),
      leases: DELAYS.map((mean) =>
        leases.reduce((sum, { seenAt }) => sum + 1 - Math.exp(-Math.max(0, t - seenAt) / mean), 0),
      ),
      taps: this.#taps,
      number_seconds: this.leases.size * t,
    };
  }
}
