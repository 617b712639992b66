import type { Logger } from 'pino';
import type { Replay } from '../domain/calls/replay.js';
import type { Settings } from '../domain/settings/settings.js';
import { isAway } from '../stores/postgres/failures.js';
import type { Presence } from '../stores/postgres/presence.js';
import type { SettingsCopy } from '../stores/settings-copy.js';
import type { Undo } from './undo.js';

const AGAIN_MS = 1_000;

/**
 * Brings the database up to date and reads the settings; while it is away, takes them from the copy and does the rest
 * when it is back. Then stores what the spool holds, now and whenever there is something. Throws where the database
 * answers, and what it says is that it will not have us.
 */
export async function startDatabase(
  on: {
    presence: Presence;
    /** May be done again where it failed half-way. */
    prepare: () => Promise<void>;
    replay: Replay;
    settings: Pick<Settings, 'restore'>;
    copy: Pick<SettingsCopy, 'read'>;
  },
  logger: Logger,
  undo: Undo,
): Promise<{ resume: () => void }> {
  const { presence } = on;
  let isPrepared = false;
  let preparing: Promise<void> | null = null;

  async function prepare(): Promise<void> {
    await on.prepare();
    isPrepared = true;
  }

  function resume(): void {
    if (presence.isAway()) return;
    if (isPrepared) return void on.replay.run();
    preparing ??= prepare()
      .then(() => {
        logger.info('the database is ready');
        resume();
      })
      .catch((error: unknown) => logger.error({ err: error }, 'the database could not be made ready'))
      .finally(() => {
        preparing = null;
      });
  }

  try {
    if (!(await presence.check())) throw presence.error();
    await prepare();
  } catch (error) {
    if (!isAway(error)) throw error;
    const copy = await on.copy.read();
    if (copy) on.settings.restore(copy);
    logger.error(
      { err: error },
      copy
        ? 'Postgres is away: starting with the copy of the settings'
        : 'Postgres is away, and there is no copy of the settings: waiting for it',
    );
  }
  const timer = setInterval(resume, AGAIN_MS);
  undo.push(async () => {
    clearInterval(timer);
    await preparing;
  });
  resume();
  return { resume };
}
