import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that start services and browsers of their own come first, or one worker would end alone with the last of them. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isShort = ({ moduleId }: TestSpecification) => !/\/test\/(server\/process|e2e)\//.test(moduleId);
    return (await super.sort(files)).sort((a, b) => Number(isShort(a)) - Number(isShort(b)));
  }
}

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
    sequence: { sequencer: LongFirst },
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
