import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { anySteps } from './lease-model/steps.js';
import { ModelRun } from './lease-model/take-step.js';
import { type ModelStage, ModelWorld, setModelStage } from './lease-model/world.js';

/** FC_RUNS: more of them, for a longer search. */
const RUNS = Number(process.env.FC_RUNS ?? 30);
/** Others in every run. A failure prints the seed; FC_SEED repeats it. */
const SEED = Number(process.env.FC_SEED ?? Date.now() % 2 ** 31);

/**
 * Random interleavings of every verb by many visitors over a lease store and the lease history, on a virtual clock,
 * with crashes between any two steps, against a simple model. `redis`: see setModelStage.
 */
export function leaseModelSuite(name: string, redis: () => Promise<string[]>): void {
  let stage: ModelStage;
  let isOne: boolean;
  beforeAll(async () => {
    // Signs are written when a step says so, not by the clock of this machine.
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const urls = await redis();
    isOne = new Set(urls).size < 2;
    stage = await setModelStage(urls);
  });
  afterAll(async () => {
    await stage?.close();
    vi.useRealTimers();
  });

  it(`leases ${name}: nothing is ever wrong, whatever happens in whatever order`, {
    timeout: 600_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(anySteps, async (steps) => {
        stage.ahead = 0;
        for (const server of stage.servers) await server.crash();
        const run = new ModelRun(await ModelWorld.make(stage), isOne);
        for (const step of steps) expect(await run.take(step)).toEqual([]);
      }),
      // What goes wrong is made smaller for so long.
      { seed: SEED, numRuns: RUNS, interruptAfterTimeLimit: 400_000 },
    );
  });
}
