import type { Facts, LeaseFact } from './facts.js';
import { DELAYS, PRIOR, TAP_DELAYS, type TimeModel } from './time-model.js';

const isNumbers = (value: unknown, length: number): boolean =>
  Array.isArray(value) && value.length === length && value.every((entry) => typeof entry === 'number');

/** The model as it was stored; the prior where there is none, or one that an earlier version learned in other terms. */
export function readModel(stored: unknown): TimeModel {
  const model = stored as TimeModel | null;
  const fits =
    model &&
    isNumbers([model.version, model.open, model.stray], 3) &&
    isNumbers(model.after, DELAYS.length) &&
    isNumbers(model.tap, TAP_DELAYS.length);
  return fits ? model : PRIOR;
}

/** What the first version of the rules did not know is not known. */
const readLease = (lease: Partial<LeaseFact>): LeaseFact => ({
  ...(lease as LeaseFact),
  page_open: lease.page_open ?? false,
  tapped_for: lease.tapped_for ?? null,
  country: lease.country ?? null,
});

/** Facts as they were stored with a decision by these or earlier rules. */
export function readFacts(stored: unknown): Facts {
  const facts = stored as Facts;
  return {
    ...facts,
    leases: facts.leases.map(readLease),
    older: facts.older ?? [],
    redial: facts.redial && {
      ...facts.redial,
      same_number: facts.redial.same_number ?? true,
      others: facts.redial.others ?? [],
    },
    caller_country: facts.caller_country ?? null,
    model: readModel(facts.model ?? null),
  };
}
