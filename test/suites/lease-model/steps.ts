import fc from 'fast-check';

export const VISITORS = 6;
/** Seconds. */
export const WINDOW = 60;
export const MIN_WINDOW = 20;

/** Who does something: a visitor at a tracker, by one of the two servers. */
interface By {
  visitor: number;
  tracker: 0 | 1;
  server: 0 | 1;
}

/** One thing that happens. Numbers, offers and visitors are given by a place in a list, counted round. */
export type Step =
  | ({ do: 'view'; storage: boolean } & By)
  | ({ do: 'renew' | 'leave'; storage: boolean } & By)
  // A view step by step: whatever is not taken never happened, because a process died.
  | ({ do: 'acquire' } & By)
  | { do: 'commit' | 'tell' | 'forget'; offer: number }
  | { do: 'withdraw'; visitor: number; told: boolean }
  | { do: 'call'; number: number; seconds: number; told: boolean }
  | { do: 'retire' | 'move'; number: number; server: 0 | 1; told: boolean }
  | { do: 'add'; tracker: 0 | 1; server: 0 | 1; number: number }
  | { do: 'inspect'; tracker: 0 | 1 }
  | { do: 'crash'; server: 0 | 1 }
  // What follows is of Redis alone.
  | { do: 'lose' | 'copy' | 'promote' }
  | { do: 'step clock'; seconds: number }
  | { do: 'pass'; seconds: number };

const visitor = fc.nat(VISITORS - 1);
const bit = fc.constantFrom<0 | 1>(0, 1);
const by = { visitor, tracker: fc.constantFrom<0 | 1>(0, 0, 0, 1), server: bit };
const storage = fc.constantFrom(true, true, true, false);
const told = fc.constantFrom(true, true, false);
const number = fc.nat(9);
const offer = fc.nat(3);
const is = <T extends string>(...names: T[]) => fc.constantFrom(...names);

/** Around the ends of promises, reservations and the 2 s that Redis waits longer; within a second nothing is flushed. */
const passing = [0.4, 0.4, 5, MIN_WINDOW - 3, MIN_WINDOW, MIN_WINDOW + 3, 45, WINDOW, WINDOW + 3, 3 * WINDOW];

const weighted: fc.WeightedArbitrary<Step>[] = [
  { weight: 16, arbitrary: fc.record({ do: is('view'), ...by, storage }) },
  { weight: 12, arbitrary: fc.record({ do: is('renew', 'renew', 'leave'), ...by, storage }) },
  { weight: 8, arbitrary: fc.record({ do: is('acquire'), ...by }) },
  { weight: 12, arbitrary: fc.record({ do: is('commit', 'commit', 'tell', 'forget'), offer }) },
  { weight: 2, arbitrary: fc.record({ do: is('withdraw'), visitor, told }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: is('call'), number, seconds: fc.constantFrom(5, WINDOW, 300), told }),
  },
  { weight: 2, arbitrary: fc.record({ do: is('retire', 'move'), number, server: bit, told }) },
  { weight: 2, arbitrary: fc.record({ do: is('add'), tracker: bit, server: bit, number }) },
  { weight: 2, arbitrary: fc.record({ do: is('inspect'), tracker: bit }) },
  { weight: 2, arbitrary: fc.record({ do: is('crash'), server: bit }) },
  { weight: 3, arbitrary: fc.record({ do: is('lose', 'copy', 'promote') }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: is('step clock'), seconds: fc.constantFrom(-3600, -30, 30, 3600) }),
  },
  { weight: 16, arbitrary: fc.record({ do: is('pass'), seconds: fc.constantFrom(...passing) }) },
];

export const anySteps = fc.array(fc.oneof(...weighted), { minLength: 5, maxLength: 40, size: 'max' });
