export interface VirtualClock {
  now: () => Date;
  pass: (seconds: number) => void;
}

/**
 * A clock that stands until it is told to go on. It starts after any real time, since what has no virtual clock (a
 * number that is removed, say) ends leases by the database's own.
 */
export function virtualClock(start = Date.UTC(2040, 0, 1)): VirtualClock {
  let now = start;
  return {
    now: () => new Date(now),
    pass: (seconds) => {
      now += seconds * 1000;
    },
  };
}
