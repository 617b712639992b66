/** Longer keys are not remembered, so that few megabytes are the most that anybody can fill. In UTF-16 units. */
const MAX_KEY = 1_024;

/**
 * Remembers what was found out under a key, for what costs more to find out than to look up and comes again and again.
 * At most `max` answers: past that it begins anew.
 */
export function createMemo<T>(max: number): (key: string, find: () => T) => T {
  const known = new Map<string, T>();
  return (key, find) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const found = find();
    if (key.length > MAX_KEY) return found;
    if (known.size >= max) known.clear();
    known.set(key, found);
    return found;
  };
}
