import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';

const VERBS = {
  acquire: 4,
  confirm: 4,
  correct: 4,
  renew: 4,
  leave: 4,
  release: 4,
  hold: 4,
  retire: 4,
  load: 5,
  inspect: 4,
} as const;

export type Verb = keyof typeof VERBS;
export type RunScript = (verb: Verb, trackerId: string, args: (string | number)[]) => Promise<unknown>;

const lua = (name: string) => readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), 'utf8');

/** The keys of a pool, in the order that lua/preamble.lua names; the braces keep them on one node of a cluster. */
const keysOf = (trackerId: string): string[] =>
  ['pool', 'signs', 'numbers', 'visitors', 'loading'].map((part) => `dni:{${trackerId}}:${part}`);

/** The key of the lock that a loader of the pool holds. */
export const loadingKey = (trackerId: string): string => `dni:{${trackerId}}:loading`;

/** The key of the hash whose fields are the numbers of the pool. */
export const numbersKey = (trackerId: string): string => `dni:{${trackerId}}:numbers`;

/** Makes the lease scripts known to this connection (sent once, then called by their hash). */
export function defineScripts(redis: Redis): RunScript {
  const preamble = lua('preamble');
  for (const [verb, numberOfKeys] of Object.entries(VERBS)) {
    redis.defineCommand(`dni_${verb}`, { numberOfKeys, lua: `${preamble}\n${lua(verb)}` });
  }
  type Script = (...args: (string | number)[]) => Promise<unknown>;
  const commands = redis as unknown as Record<string, Script>;
  return (verb, trackerId, args) => {
    const command = commands[`dni_${verb}`] as Script;
    return command.call(redis, ...keysOf(trackerId).slice(0, VERBS[verb]), ...args);
  };
}
