import type { Logger } from 'pino';
import { countSessions, type DayCounts } from '../domain/reports/count-sessions.js';
import type { Presence } from '../stores/postgres/presence.js';
import type { Undo } from './undo.js';

const EVERY_MS = 300_000;

/** Counts sessions by the day, now and every five minutes; what is not counted yet reports read one by one. */
export function countNowAndThen(
  counts: DayCounts,
  presence: Pick<Presence, 'isAway'>,
  logger: Logger,
  undo: Undo,
): void {
  let counting: Promise<void> | null = null;
  async function count(): Promise<void> {
    try {
      const days = await countSessions(counts);
      if (days > 0) logger.info({ days }, 'counted sessions by the day');
    } catch (error) {
      logger.error({ err: error }, 'could not count sessions by the day');
    }
  }
  const run = () => {
    if (presence.isAway()) return;
    counting ??= count().finally(() => {
      counting = null;
    });
  };
  const timer = setInterval(run, EVERY_MS);
  run();
  undo.push(async () => {
    clearInterval(timer);
    await counting;
  });
}
