import { setImmediate } from 'node:timers/promises';
import type { TimeModelStore } from '../../stores/time-models.js';
import { type KnownCall, learn } from './learn.js';
import { readFacts } from './stored-facts.js';
import { DELAYS, DIAL_SECONDS, type TimeModel } from './time-model.js';

/** More of them say hardly more, and older ones less. */
const MOST_CALLS = 3_000;

/**
 * Learns anew how the callers of those sites behave whose calls have grown enough since. Several servers may do so at
 * once: the first to finish is kept. Returns the sites that have a new model.
 */
export async function learnModels(store: TimeModelStore, now?: Date): Promise<string[]> {
  const learned: string[] = [];
  for (const { site_id, version } of await store.due(now)) {
    const until = now ?? (await store.now());
    const calls: KnownCall[] = [];
    let since = until;
    for await (const piece of store.calls(site_id, MOST_CALLS, now)) {
      for (const { facts } of piece) {
        const { leases, older, code } = readFacts(facts);
        calls.push({ leases, older, code });
      }
      since = piece.at(-1)?.started_at ?? since;
    }
    if (calls.length === 0) continue;
    const exposure = await store.exposure(
      site_id,
      { since, until },
      { delays: DELAYS, dialling: DIAL_SECONDS },
    );
    const rounds = learn(calls, exposure);
    let step = rounds.next();
    // Calls that come in meanwhile are answered between two rounds.
    while (!step.done) {
      await setImmediate();
      step = rounds.next();
    }
    const model: TimeModel = { version: version + 1, ...step.value };
    const row = { site_id, version: model.version, learned_at: until, since, calls: calls.length, model };
    if (await store.add(row)) learned.push(site_id);
  }
  return learned;
}
