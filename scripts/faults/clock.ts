import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFaketime } from '../test/find.mjs';

/** The clock of a process, as libfaketime reads it from a file while the process runs. */
export interface Clock {
  /** What the process is started with. */
  env: Record<string, string>;
  /** Sets it off from this machine's clock by so many seconds; the process notices within about 3 s. */
  offset: (seconds: number) => void;
}

/**
 * The clock of a process that is named so below `folder`. What measures durations is left alone, as it is when a
 * machine's clock is set. `preload`: libraries to load besides.
 */
export function clockOf(folder: string, name: string, preload: string[] = []): Clock {
  const file = join(folder, `${name}.clock`);
  return {
    env: {
      LD_PRELOAD: [findFaketime(), ...preload].join(':'),
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    offset: (seconds) => writeFileSync(file, `${seconds < 0 ? '' : '+'}${seconds}\n`),
  };
}
