const steps: (() => Promise<unknown>)[] = [];

/** Does this when the worker ends, after all of its test files: vitest sends SIGTERM, and half a second later SIGKILL. */
export function atWorkerEnd(step: () => Promise<unknown>): void {
  if (steps.length === 0) process.once('SIGTERM', finish);
  steps.push(step);
}

async function finish(): Promise<void> {
  const done = await Promise.allSettled(steps.map((step) => step()));
  const failures = done.filter((one) => one.status === 'rejected');
  for (const { reason } of failures) console.error(reason);
  process.exit(failures.length > 0 ? 1 : 0);
}
