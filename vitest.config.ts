import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/**/*.test.ts'],
    // Files own servers, ports and databases: processes keep them apart. Two, because the servers need room too, and
    // because test/support/redis.ts shares Redis' 16 databases among them.
    pool: 'forks',
    maxWorkers: 2,
    // A file finds what the worker has loaded and started already (test/support/shared-server.ts); a fresh process for each
    // took a second of CPU.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
