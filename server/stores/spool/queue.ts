import type { CallKey } from '../calls.js';
import type { SpooledEvent } from '../spool.js';

/** An event that waits, and where it is kept besides memory. */
export interface Entry<F> {
  event: SpooledEvent;
  text: string;
  file: F | null;
}

const nameOf = ({ provider, callId }: CallKey): string => JSON.stringify([provider, callId]);

const mayBeOfSite = (event: SpooledEvent, siteId: string | null): boolean => {
  const of = event.calledFor?.siteId ?? event.siteId;
  return siteId === null || of === null || of === siteId;
};

/** The events that wait, in the order in which they came in, and by call. */
export function createQueue<F>() {
  const entries = new Map<string, Entry<F>>();
  const byCall = new Map<string, Set<Entry<F>>>();
  const byNewCall = new Map<string, Set<Entry<F>>>();

  function index(map: Map<string, Set<Entry<F>>>, name: string | null, entry: Entry<F>): void {
    if (name === null) return;
    const known = map.get(name);
    if (known) known.add(entry);
    else map.set(name, new Set([entry]));
  }
  function forget(map: Map<string, Set<Entry<F>>>, name: string | null, entry: Entry<F>): void {
    const known = name === null ? undefined : map.get(name);
    if (known?.delete(entry) && known.size === 0) map.delete(name as string);
  }
  const keyName = ({ call }: SpooledEvent) => ('callId' in call ? nameOf(call) : null);
  const events = (found: Set<Entry<F>> | undefined) => [...(found ?? [])].map(({ event }) => event);

  return {
    size: () => entries.size,
    has: (entry: Entry<F>) => entries.get(entry.event.id) === entry,
    /** Lets those behind it go first. */
    putLast(id: string): void {
      const entry = entries.get(id);
      if (entry && entries.delete(id)) entries.set(id, entry);
    },
    first: (): Entry<F> | null => entries.values().next().value ?? null,
    add(entry: Entry<F>): void {
      entries.set(entry.event.id, entry);
      index(byCall, keyName(entry.event), entry);
      index(byNewCall, entry.event.newCallId, entry);
    },
    remove(id: string): Entry<F> | null {
      const entry = entries.get(id) ?? null;
      if (!entry) return null;
      entries.delete(id);
      forget(byCall, keyName(entry.event), entry);
      forget(byNewCall, entry.event.newCallId, entry);
      return entry;
    },
    ofCall: (key: CallKey, siteId: string | null) =>
      events(byCall.get(nameOf(key))).filter((event) => mayBeOfSite(event, siteId)),
    ofNewCall: (id: string) => events(byNewCall.get(id)),
  };
}
