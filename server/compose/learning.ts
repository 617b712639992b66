import type { Logger } from 'pino';
import { learnModels } from '../domain/attribution/learn-models.js';
import type { Presence } from '../stores/postgres/presence.js';
import type { TimeModelStore } from '../stores/time-models.js';
import type { Undo } from './undo.js';

const EVERY_MS = 3_600_000;

/** Learns once an hour how callers behave, where there are enough new calls (docs/attribution.md). */
export function learnNowAndThen(
  store: TimeModelStore,
  presence: Pick<Presence, 'isAway'>,
  logger: Logger,
  undo: Undo,
): void {
  let learning: Promise<void> | null = null;
  async function learn(): Promise<void> {
    try {
      const sites = await learnModels(store);
      if (sites.length > 0) logger.info({ sites }, 'learned how callers behave');
    } catch (error) {
      logger.error({ err: error }, 'could not learn how callers behave');
    }
  }
  const timer = setInterval(() => {
    if (presence.isAway()) return;
    learning ??= learn().finally(() => {
      learning = null;
    });
  }, EVERY_MS);
  undo.push(async () => {
    clearInterval(timer);
    await learning;
  });
}
