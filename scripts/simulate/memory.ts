import type { Decision, EarlierCall, Facts, LeaseFact } from '../../server/domain/attribution/facts.js';
import { type Exposure, type KnownCall, learn } from '../../server/domain/attribution/learn.js';
import { DELAYS, DIAL_SECONDS, PRIOR, type TimeModel } from '../../server/domain/attribution/time-model.js';

const NEWEST = 50;
const WINDOW = 30 * 86_400;
const TAP_WINDOW = 300;
/** By which leases past the newest are counted, as stores/postgres/call-facts.ts does. */
const AGES = [0, 3600, 14_400, 43_200, 86_400, 172_800, 345_600, 691_200, 1_382_400];

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
  /** By caller, the call that names them, or else the latest. */
  readonly #callers = new Map<string, EarlierCall & { number: string }>();
  readonly #known: KnownCall[] = [];
  #model: TimeModel = PRIOR;
  #taps = 0;
  /** From how many calls the model was learned. */
  #learned = 0;

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
      older: AGES.map((from, at) => {
        const to = AGES[at + 1] ?? WINDOW;
        const count = older.filter(({ leasedAt }) => t - leasedAt >= from && t - leasedAt < to).length;
        return { from: Math.max(from, t - (looked.at(-1)?.leasedAt ?? t)), to, count };
      }).filter(({ count }) => count > 0),
      code: null,
      redial: before ? { ...before, same_number: before.number === number } : null,
      caller_country: null,
      model: this.#model,
    };
  }

  /** The call was decided. */
  called(call: { number: string; from: string | null }, facts: Facts, decision: Decision): void {
    const { number, from } = call;
    const { visitor_id, confidence, candidates } = decision;
    if (!facts.redial) this.#known.push(facts);
    if (from === null || this.#callers.get(from)?.visitor_id) return;
    const others = candidates.flatMap(({ visitor_id: id, probability }) =>
      id && id !== visitor_id ? [{ visitor_id: id, probability }] : [],
    );
    const same_number = true;
    this.#callers.set(from, {
      call_id: '',
      visitor_id,
      session_id: null,
      confidence,
      same_number,
      others,
      number,
    });
  }

  /** As often as the service does: when the calls have grown by a tenth. */
  learn(t: number): void {
    if (this.#known.length < Math.max(50, this.#learned * 1.1)) return;
    this.#learned = this.#known.length;
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
