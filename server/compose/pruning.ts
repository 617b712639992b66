import type { Logger } from 'pino';
import type { CallChangeStore } from '../stores/call-changes.js';
import type { Presence } from '../stores/postgres/presence.js';
import type { Undo } from './undo.js';

const EVERY_MS = 3_600_000;
/** So long a client of the live stream may have been away and misses nothing. */
const KEPT_DAYS = 3;

/** Deletes once an hour what was kept for clients of the live stream that were away. */
export function pruneNowAndThen(
  changes: Pick<CallChangeStore, 'prune'>,
  presence: Pick<Presence, 'isAway'>,
  logger: Logger,
  undo: Undo,
): void {
  let pruning: Promise<void> | null = null;
  async function prune(): Promise<void> {
    try {
      await changes.prune(KEPT_DAYS);
    } catch (error) {
      logger.error({ err: error }, 'could not delete old changes of calls');
    }
  }
  const timer = setInterval(() => {
    if (presence.isAway()) return;
    pruning ??= prune().finally(() => {
      pruning = null;
    });
  }, EVERY_MS);
  undo.push(async () => {
    clearInterval(timer);
    await pruning;
  });
}
