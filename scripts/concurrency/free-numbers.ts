/** A lease as the history has it. Times in milliseconds of one clock. */
export interface Lease {
  number: string;
  leasedAt: number;
  lastSeenAt: number;
}

export interface Refusal {
  askedAt: number;
  answeredAt: number;
}

/** When a number could have been given to somebody new, from one moment to another. */
interface Gap {
  from: number;
  to: number;
}

function gapsOf(leases: Lease[], keptMs: number): Gap[] {
  const gaps: Gap[] = [];
  let from = Number.NEGATIVE_INFINITY;
  for (const lease of leases.toSorted((a, b) => a.leasedAt - b.leasedAt)) {
    if (lease.leasedAt > from) gaps.push({ from, to: lease.leasedAt });
    from = Math.max(from, lease.lastSeenAt + keptMs);
  }
  gaps.push({ from, to: Number.POSITIVE_INFINITY });
  return gaps;
}

/**
 * Visitors who were told that there is no number, while one was free from before they asked until after they were
 * answered. `keptMs`: for how long a number is kept from others after a sign. `onTheWayMs`: for how long a number may
 * have been offered to somebody before the history has the lease. Pure.
 */
export function refusedWhileFree(
  refusals: Refusal[],
  numbers: string[],
  leases: Lease[],
  { keptMs, onTheWayMs }: { keptMs: number; onTheWayMs: number },
): Refusal[] {
  const byNumber = new Map(numbers.map((number) => [number, [] as Lease[]]));
  for (const lease of leases) byNumber.get(lease.number)?.push(lease);
  const gaps = [...byNumber.values()].flatMap((some) => gapsOf(some, keptMs));
  gaps.sort((a, b) => a.from - b.from);
  // Of the gaps that begin before a moment, the one that lasts longest decides.
  let latest = Number.NEGATIVE_INFINITY;
  const lasts = gaps.map(({ to }) => {
    latest = Math.max(latest, to);
    return latest;
  });
  return refusals.filter(({ askedAt, answeredAt }) => {
    const begun = gaps.findLastIndex(({ from }) => from < askedAt);
    return begun >= 0 && (lasts[begun] as number) > answeredAt + onTheWayMs;
  });
}
