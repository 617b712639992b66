/** What is blocked with `n` numbers, from what is with n - 1: the recursion neither overflows nor cancels. */
const withOneMore = (blocked: number, n: number, load: number): number =>
  (load * blocked) / (n + load * blocked);

/**
 * The share of arrivals that find none of `numbers` free where `load` Erlangs are offered (Erlang 1917), whatever the
 * distribution of the holding times.
 */
export function erlangB(numbers: number, load: number): number {
  let blocked = 1;
  for (let n = 1; n <= numbers && blocked > 0; n += 1) blocked = withOneMore(blocked, n, load);
  return blocked;
}

/** So many arrivals meet this load, in Erlangs. */
export interface OfferedLoad {
  arrivals: number;
  load: number;
}

/**
 * The smallest number of numbers with which no more than `share` of all arrivals is blocked; null: more than `most`.
 */
export function numbersFor(share: number, offered: OfferedLoad[], most: number): number | null {
  // Hours without arrivals weigh nothing. Plain arrays of numbers: large pools take many rounds.
  const hours = offered.filter((hour) => hour.arrivals > 0);
  const arrivals = Float64Array.from(hours, (hour) => hour.arrivals);
  const loads = Float64Array.from(hours, (hour) => hour.load);
  const blocked = new Float64Array(hours.length).fill(1);
  const bearable = share * arrivals.reduce((sum, count) => sum + count, 0);
  for (let n = 0; n <= most; n += 1) {
    let lost = 0;
    for (let at = 0; at < hours.length; at += 1) {
      if (n > 0) blocked[at] = withOneMore(blocked[at] as number, n, loads[at] as number);
      lost += (blocked[at] as number) * (arrivals[at] as number);
    }
    if (lost <= bearable) return n;
  }
  return null;
}
