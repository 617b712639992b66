import { setTimeout as sleep } from 'node:timers/promises';

const SECONDS = 20;

/** Asks again until `done` says yes, and returns that answer; throws with the last one when it never does. */
export async function until<T>(ask: () => Promise<T> | T, done: (answer: T) => boolean): Promise<T> {
  const deadline = Date.now() + SECONDS * 1000;
  for (;;) {
    const answer = await ask();
    if (done(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`Not so in ${SECONDS} s: ${JSON.stringify(answer)}`);
    await sleep(50);
  }
}
