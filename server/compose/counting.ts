import type { Logger } from 'pino';
import { countSpans } from '../domain/reports/count-spans.js';
import type { Presence } from '../stores/postgres/presence.js';
import type { SpanCounts } from '../stores/span-counts.js';
import type { Undo } from './undo.js';

const EVERY_MS = 300_000;

/** Counts sessions and calls by the day and the month, now and every five minutes; what is not counted yet reports read one by one. */
export function countNowAndThen(
  counts: SpanCounts,
  presence: Pick<Presence, 'isAway'>,
  logger: Logger,
  undo: Undo,
): void {
  let counting: Promise<void> | null = null;
  const stopping = new AbortController();
  async function count(): Promise<void> {
    try {
      const spans = await countSpans(counts, { signal: stopping.signal });
      if (spans > 0) logger.info({ spans }, 'counted sessions and calls');
    } catch (error) {
      logger.error({ err: error }, 'could not count sessions and calls');
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
    stopping.abort();
    await counting;
  });
}
