import { beforeAll, describe } from 'vitest';
import type { Mode, TestServer } from './server-process.js';
import { sharedServer } from './shared-server.js';

const MODES: Mode[] = ['embedded', 'postgres', 'redis'];

export interface ModeSuite {
  mode: Mode;
  /** The server of this mode, there before the suite's tests. */
  server: () => TestServer;
}

/** Describes a suite once for each of the three modes, each with a server that other files use too. */
export function forEachMode(name: string, suite: (context: ModeSuite) => void): void {
  describe.each(MODES)(`${name} (%s)`, (mode) => {
    let server: TestServer | undefined;
    beforeAll(async () => {
      server = await sharedServer(mode);
    }, 90_000);
    suite({
      mode,
      server: () => {
        if (!server) throw new Error('The server is there only while the tests of its suite run.');
        return server;
      },
    });
  });
}
