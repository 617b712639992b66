import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../../lib/errors.js';
import type {
  CallChange,
  CallChangeStore,
  CallChangeType,
  ChangePosition,
} from '../../stores/call-changes.js';
import type { ReportedCall } from '../../stores/reports.js';

/** Something that happened to a call; the call as it is when it is told. */
export interface LiveEvent {
  /** Where to go on after it. */
  position: ChangePosition;
  type: CallChangeType;
  call: ReportedCall;
}

/** Who is told. */
export interface Watcher {
  /** Of one site, null: of all. */
  siteId: string | null;
  tell(event: LiveEvent): void;
  /** Resolves when it takes more; false: it is gone. */
  room(): Promise<boolean>;
  /** Nothing more will come. */
  end(): void;
}

export interface LiveCalls {
  /**
   * Tells a watcher what happens to calls after a position, null: from now on. Each change is told once, one after
   * another; who goes on later from the position that it was last told may be told a change again, and misses none.
   * Nothing is told before it resolves. Throws what the store throws, and `unavailable` when we are stopping.
   */
  watch(watcher: Watcher, after: ChangePosition | null): Promise<{ from: ChangePosition; leave: () => void }>;
  /** How many are told. */
  watching(): number;
  /** Ends all of them, and takes none any more. */
  close(): void;
}

/** What has been read for all watchers. */
interface Reading {
  position: ChangePosition;
  /** Who has been told all until now. */
  present: Set<Watcher>;
  /** Those that have been told before their turn: a transaction that began before theirs is under way. By id. */
  early: Map<string, CallChange>;
}

/** How many are read at once for one who was away. */
const PAGE = 200;

const isSame = (a: ChangePosition, b: ChangePosition): boolean =>
  a.transaction === b.transaction && a.id === b.id;

/** Tells what happens to calls, whichever server it happens at: asks the store `everyMs` while anybody watches. */
export function createLiveCalls({
  changes,
  onError,
  everyMs = 500,
}: {
  changes: CallChangeStore;
  onError: (error: unknown) => void;
  everyMs?: number;
}): LiveCalls {
  /** Those who watch, or are about to. */
  const all = new Set<Watcher>();
  let reading: Promise<Reading> | null = null;
  let isClosed = false;

  /** `at`: where to go on after a change that is told before its turn. */
  async function eventsOf(found: CallChange[], at: ChangePosition): Promise<LiveEvent[]> {
    if (found.length === 0) return [];
    const ids = [...new Set(found.map(({ call_id }) => call_id))];
    const calls = new Map((await changes.calls(ids)).map((call) => [call.id, call]));
    return found.flatMap(({ transaction, id, type, call_id, is_settled }) => {
      const call = calls.get(call_id);
      return call ? [{ position: is_settled ? { transaction, id } : at, type, call }] : [];
    });
  }

  /** Reads what is new and tells it; whether that was all. */
  async function readNew(own: Reading): Promise<boolean> {
    const { changes: found, position, isAll } = await changes.after(own.position, [...own.early.keys()]);
    const events = own.present.size > 0 ? await eventsOf(found, position) : [];
    // From here on in one go: who joins in has either been told all this or is told it now.
    own.position = position;
    const settled = BigInt(position.transaction);
    for (const [id, { transaction }] of own.early) if (BigInt(transaction) < settled) own.early.delete(id);
    for (const change of found) if (!change.is_settled) own.early.set(change.id, change);
    for (const event of events) {
      for (const watcher of own.present) if (isOf(watcher, event.call.site_id)) watcher.tell(event);
    }
    return isAll;
  }

  const isOf = ({ siteId }: Watcher, site: string): boolean => siteId === null || siteId === site;

  async function begin(): Promise<Reading> {
    const own: Reading = { position: await changes.now(), present: new Set(), early: new Map() };
    while (!(await readNew(own)));
    return own;
  }

  async function goOn(started: Promise<Reading>): Promise<void> {
    const own = await started;
    let hasFailed = false;
    while (reading === started) {
      let isAll = true;
      try {
        isAll = await readNew(own);
        hasFailed = false;
      } catch (error) {
        if (!hasFailed) onError(error);
        hasFailed = true;
      }
      if (isAll) await sleep(everyMs, undefined, { ref: false });
    }
  }

  /** Starts reading for the first watcher. */
  function started(): Promise<Reading> {
    if (reading) return reading;
    const own = begin();
    reading = own;
    goOn(own).catch(() => {
      if (reading === own) reading = null;
    });
    return own;
  }

  function leave(watcher: Watcher, own?: Reading): void {
    all.delete(watcher);
    own?.present.delete(watcher);
    if (all.size === 0) reading = null;
  }

  /** Tells a watcher what it missed, until it is where all the others are. */
  async function catchUp(own: Reading, watcher: Watcher, after: ChangePosition): Promise<void> {
    let from = after;
    const told = new Set<string>();
    while (all.has(watcher)) {
      const to = own.position;
      const page = await changes.between(from, to, watcher.siteId, PAGE);
      const early = page.length < PAGE ? [...own.early.values()] : [];
      const missed = [...page, ...early.filter((change) => isOf(watcher, change.site_id))].filter(
        ({ id }) => !told.has(id),
      );
      if (missed.length === 0 && page.length < PAGE && isSame(to, own.position)) {
        own.present.add(watcher);
        return;
      }
      const last = page.length < PAGE ? to : (page.at(-1) as ChangePosition);
      for (const event of await eventsOf(missed, last)) watcher.tell(event);
      for (const { id, is_settled } of missed) if (!is_settled) told.add(id);
      from = last;
      if (!(await watcher.room())) return;
    }
  }

  return {
    async watch(watcher, after) {
      if (isClosed) throw new Problem('unavailable', 'The server is stopping.');
      all.add(watcher);
      try {
        const own = await started();
        if (isClosed) throw new Problem('unavailable', 'The server is stopping.');
        if (after) {
          catchUp(own, watcher, after).catch((error) => {
            onError(error);
            watcher.end();
          });
        } else own.present.add(watcher);
        return { from: after ?? own.position, leave: () => leave(watcher, own) };
      } catch (error) {
        leave(watcher);
        throw error;
      }
    },
    watching: () => all.size,
    close() {
      isClosed = true;
      reading = null;
      for (const watcher of all) watcher.end();
      all.clear();
    },
  };
}
