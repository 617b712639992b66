import { afterAll, beforeAll, describe } from 'vitest';
import { type Mode, type ServerOptions, startServer, type TestServer } from './server-process.js';

const MODES: Mode[] = ['embedded', 'postgres', 'redis'];

export interface ModeSuite {
  mode: Mode;
  /** The server of this mode, started before the suite's tests and stopped after them. */
  server: () => TestServer;
}

/** Describes a suite once for each of the three modes, each with a server of its own. */
export function forEachMode(
  name: string,
  suite: (context: ModeSuite) => void,
  options: Omit<ServerOptions, 'mode'> = {},
): void {
  describe.each(MODES)(`${name} (%s)`, (mode) => {
    let server: TestServer | undefined;
    beforeAll(async () => {
      server = await startServer({ ...options, mode });
    }, 90_000);
    afterAll(() => server?.stop());
    suite({
      mode,
      server: () => {
        if (!server) throw new Error('The server runs only while the tests of its suite run.');
        return server;
      },
    });
  });
}
