/** The database's time as this process knows it: never compared with this machine's own clock, which may be wrong. */
export interface DatabaseClock {
  /** The database has just said that it is this time. */
  observe(time: Date): void;
  now(): Date;
}

export function createDatabaseClock(elapsed: () => number = () => performance.now()): DatabaseClock {
  // Until the database has spoken, this machine's clock is all there is.
  let offset = Date.now() - elapsed();
  return {
    observe(time) {
      offset = time.getTime() - elapsed();
    },
    now: () => new Date(offset + elapsed()),
  };
}

/**
 * Milliseconds by this machine's clock as it was when this process began; runs evenly, whatever the clock is set to
 * meanwhile. Only differences mean anything, those to what another process of the machine noted too.
 */
export const machineTime = (): number => performance.timeOrigin + performance.now();
