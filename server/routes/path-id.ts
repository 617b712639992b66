import { Problem } from '../lib/errors.js';
import { isId } from '../lib/ids.js';

/** The id in a path. What is not one names nothing, so it is not found rather than invalid. */
export function pathId(given: string, thing: string): string {
  const id = given.toLowerCase();
  if (!isId(id)) throw new Problem('not_found', `There is no such ${thing}.`);
  return id;
}
