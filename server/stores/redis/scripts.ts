import { readFileSync } from 'node:fs';
import type { RedisClient } from './connect.js';

/** How many of the keys of a pool each verb is given. */
const VERBS = {
  acquire: 7,
  confirm: 2,
  correct: 7,
  renew: 5,
  leave: 5,
  release: 3,
  hold: 2,
  retire: 7,
  load: 8,
  inspect: 5,
} as const;

/** In the order that lua/preamble.lua names. */
const PARTS = [
  'pool',
  'numbers',
  'visitors',
  'exclusive',
  'elastic',
  'exclusive-later',
  'elastic-later',
  'loading',
] as const;

export type Verb = keyof typeof VERBS;
export type RunScript = (verb: Verb, trackerId: string, args: (string | number)[]) => Promise<unknown>;

const lua = (name: string) => readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), 'utf8');

/** A key of a pool; the braces keep all of them on one node of a cluster. */
export const keyOf = (trackerId: string, part: (typeof PARTS)[number]): string =>
  `dni:{${trackerId}}:${part}`;

/** Makes the lease scripts known to this connection (sent once, then called by their hash). */
export function defineScripts(redis: RedisClient): RunScript {
  const preamble = lua('preamble');
  for (const [verb, numberOfKeys] of Object.entries(VERBS)) {
    redis.defineCommand(`dni_${verb}`, { numberOfKeys, lua: `${preamble}\n${lua(verb)}` });
  }
  type Script = (...args: (string | number)[]) => Promise<unknown>;
  const commands = redis as unknown as Record<string, Script>;
  return (verb, trackerId, args) => {
    const command = commands[`dni_${verb}`] as Script;
    const keys = PARTS.slice(0, VERBS[verb]).map((part) => keyOf(trackerId, part));
    return command.call(redis, ...keys, ...args);
  };
}
