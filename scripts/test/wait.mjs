import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ended } from './processes.mjs';

/** Waits until a server we started answers. Throws with its log if it ends, or says nothing for a minute. */
export async function waitUntil(answers, child, name, log) {
  const deadline = Date.now() + 60_000;
  while (!(await answers())) {
    if (ended(child) || Date.now() > deadline) {
      throw new Error(`${name} did not start:\n${child.failure?.message ?? readFileSync(log, 'utf8')}`);
    }
    await sleep(50);
  }
}
