/** A number of a pool that an answer showed to a visitor. Times are of one monotonic clock, in milliseconds. */
export interface Shown {
  number: string;
  visitor: string;
  lease: string;
  askedAt: number;
  answeredAt: number;
  /** For how long it was promised, counted from when it was asked for. */
  promisedMs: number;
}

/** Our clock and Postgres' may be slewed against each other by so much within a promise. */
const TOLERANCE_MS = 10;

/** Whether both visitors were certainly promised the number at the same moment, whenever in between they were heard. */
const collide = (a: Shown, b: Shown): boolean =>
  a.visitor !== b.visitor &&
  a.answeredAt + TOLERANCE_MS < b.askedAt + b.promisedMs &&
  b.answeredAt + TOLERANCE_MS < a.askedAt + a.promisedMs;

function groupBy<T>(things: T[], keyOf: (thing: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const thing of things) {
    const group = groups.get(keyOf(thing));
    if (group) group.push(thing);
    else groups.set(keyOf(thing), [thing]);
  }
  return [...groups.values()];
}

/** Pairs out of one group of which it is so; only those asked for within the longest promise of each other are compared. */
function pairs(groups: Shown[][], isSuch: (a: Shown, b: Shown) => boolean): [Shown, Shown][] {
  const found: [Shown, Shown][] = [];
  for (const group of groups) {
    const longest = Math.max(...group.map(({ promisedMs }) => promisedMs));
    const ordered = group.toSorted((a, b) => a.askedAt - b.askedAt);
    for (const [at, a] of ordered.entries()) {
      for (let next = at + 1; next < ordered.length; next += 1) {
        const b = ordered[next] as Shown;
        if (b.askedAt > a.askedAt + longest) break;
        if (isSuch(a, b)) found.push([a, b]);
      }
    }
  }
  return found;
}

/**
 * Numbers given away: promised to one visitor, and shown to another before that was over. Visitors in `gaveUp` asked
 * to be forgotten.
 */
export const givenAway = (shown: Shown[], gaveUp: ReadonlySet<string>): [Shown, Shown][] =>
  pairs(
    groupBy(
      shown.filter(({ visitor }) => !gaveUp.has(visitor)),
      ({ number }) => number,
    ),
    collide,
  );

/** Visitors who were shown another number while they were promised one: `asked` after the first answer was there. */
export const movedOn = (shown: Shown[], gaveUp: ReadonlySet<string>): [Shown, Shown][] =>
  pairs(
    groupBy(
      shown.filter(({ visitor }) => !gaveUp.has(visitor)),
      ({ visitor }) => visitor,
    ),
    (a, b) =>
      a.number !== b.number &&
      b.askedAt > a.answeredAt &&
      b.answeredAt + TOLERANCE_MS < a.askedAt + a.promisedMs,
  );
