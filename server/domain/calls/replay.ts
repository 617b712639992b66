import { Problem } from '../../lib/errors.js';
import type { CodeEvent, StartEvent } from '../../providers/call-event.js';
import type { SpooledEvent } from '../../stores/spool.js';
import { sees } from '../settings/access.js';
import type { ReceiveDeps } from './receive.js';
import { continueCall, type LaterEvent, type ReceivedEvent, startCall } from './take-event.js';

export interface ReplayDeps extends ReceiveDeps {
  /** Whether an error lies in the event, rather than in the state that the database is in. */
  isOfTheRow: (error: unknown) => boolean;
  /** An event is in the database. */
  onStored: () => void;
  /** An event was set aside. */
  onRefused: (event: SpooledEvent, reason: unknown) => void;
  /** The replay stopped, to be tried again, though Postgres is there. */
  onError: (error: unknown) => void;
}

export interface Replay {
  /** Stores what waits, as far as the database takes it. Resolves when it has done so; one at a time. */
  run(): Promise<void>;
  /** Resolves when nothing is under way any more; nothing is begun after that. */
  close(): Promise<void>;
}

/** How often an event is tried that keeps failing, before it has to make way. */
const ATTEMPTS = 3;

/** Stores a spooled event as if it had just come in, at the time when it did. Storing it again changes nothing. */
async function store(deps: ReceiveDeps, spooled: SpooledEvent): Promise<void> {
  const { id, at, siteId, newCallId, body, call, calledFor } = spooled;
  const received = { id, at, siteId, newCallId, body, provider: spooled.provider };
  if (!('callId' in call)) {
    const key = await deps.store.keyOf(call.id);
    if (!key || !sees({ scopes: [], siteId }, key.siteId))
      throw new Problem('not_found', 'There is no such call.');
    const event = { ...(spooled.event as CodeEvent), call_id: key.callId };
    await continueCall(deps, { ...received, provider: key.provider, siteId: key.siteId, event });
  } else if (spooled.event.type === 'start') {
    // Whose number it was when the call came in, wherever it has been moved since.
    const tracker = calledFor && deps.settings.trackerById(calledFor.trackerId);
    const site = calledFor && deps.settings.siteById(calledFor.siteId);
    if (!tracker || !site)
      throw new Problem('unknown_number', 'The number called is not one of ours any more.');
    const event = spooled.event as StartEvent;
    await startCall(deps, { ...received, event } as ReceivedEvent<StartEvent>, { tracker, site });
  } else await continueCall(deps, { ...received, event: spooled.event as LaterEvent });
}

/** Replays the spool into the database, in order. What the database will not have is set aside. */
export function createReplay(deps: ReplayDeps): Replay {
  let running: Promise<void> | null = null;
  let isClosed = false;
  /** The event that failed last, and how often in a row. */
  let failed = { id: '', times: 0 };

  async function afterFailure(event: SpooledEvent, error: unknown): Promise<'go on' | 'stop'> {
    failed = { id: event.id, times: failed.id === event.id ? failed.times + 1 : 1 };
    const isLast = failed.times >= ATTEMPTS;
    if (error instanceof Problem || (isLast && deps.isOfTheRow(error))) {
      await deps.spool.setAside(event, String(error));
      deps.onRefused(event, error);
      return 'go on';
    }
    deps.onError(error);
    // Whatever it is, those behind it may fare better.
    if (isLast) deps.spool.postpone(event);
    return 'stop';
  }

  async function drain(): Promise<void> {
    while (!isClosed && !deps.postgres.isAway()) {
      const event = deps.spool.next();
      if (!event) return;
      try {
        await store(deps, event);
        deps.spool.done(event);
        deps.onStored();
      } catch (error) {
        if (deps.isAway(error) && deps.postgres.isAway()) return;
        if ((await afterFailure(event, error)) === 'stop') return;
      }
    }
  }

  return {
    run() {
      running ??= drain()
        .catch(deps.onError)
        .finally(() => {
          running = null;
        });
      return running;
    },
    async close() {
      isClosed = true;
      await running;
    },
  };
}
