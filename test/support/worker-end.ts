const steps: (() => Promise<unknown>)[] = [];

/** Does this when the worker ends, after all of its test files: what came last first. vitest ends it by SIGTERM. */
export function atWorkerEnd(step: () => Promise<unknown>): void {
  if (steps.length === 0) process.once('SIGTERM', finish);
  steps.push(step);
}

async function finish(): Promise<void> {
  let code = 0;
  for (const step of steps.reverse()) {
    await step().catch((error) => {
      console.error(error);
      code = 1;
    });
  }
  process.exit(code);
}
