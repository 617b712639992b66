import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/**/*.test.ts'],
    // Files own servers, ports and databases: processes keep them apart. Two, because the servers need room too, and
    // because test/support/redis.ts shares Redis' 16 databases among them.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
