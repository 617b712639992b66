import { setTimeout as pause } from 'node:timers/promises';

/** More are not asked for in one question. */
const MAX_ASKED = 1_000;

/**
 * Asks for what memory does not have: all that is asked for meanwhile in one question, and one question in
 * `intervalMs`, so that junk costs no more than that and what is new is found all the same. Who asks for the same thing
 * waits for the same answer. Resolves when memory may be looked at again; a store that is away is no reason to fail.
 */
export function createLookUp(
  ask: (names: string[]) => Promise<void>,
  intervalMs: number,
): (name: string) => Promise<void> {
  const underWay = new Map<string, Promise<void>>();
  let next: { names: string[]; done: Promise<void> } | null = null;
  let lastAsked = Number.NEGATIVE_INFINITY;

  async function askAll(names: string[]): Promise<void> {
    await pause(Math.max(0, lastAsked + intervalMs - performance.now()));
    next = null;
    lastAsked = performance.now();
    await ask(names).catch(() => {});
    for (const name of names) underWay.delete(name);
  }

  return (name) => {
    const known = underWay.get(name);
    if (known) return known;
    if (next === null) {
      const names: string[] = [];
      next = { names, done: askAll(names) };
    }
    if (next.names.length >= MAX_ASKED) return Promise.resolve();
    next.names.push(name);
    underWay.set(name, next.done);
    return next.done;
  };
}
