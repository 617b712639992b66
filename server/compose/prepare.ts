import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { hashKey, makeKey } from '../domain/settings/access.js';
import { makeDemoSite } from '../domain/settings/demo-site.js';
import type { Settings } from '../domain/settings/settings.js';
import { storedChannel } from '../domain/sources/stored-channel.js';
import { createChannelStore } from '../stores/postgres/channels.js';
import { startUpkeep } from '../stores/postgres/embedded.js';
import { migrate } from '../stores/postgres/migrate.js';
import { addFirstAdminKey } from '../stores/postgres/settings/first-key.js';
import { listenForSettings } from '../stores/postgres/settings/listen.js';
import type { SettingsStore } from '../stores/settings.js';
import { deriveChannels } from './channels.js';
import type { Database } from './database.js';
import type { Undo } from './undo.js';

const REFRESH_MS = 30_000;

interface Prepared {
  database: Database;
  settingsStore: SettingsStore;
  settings: Settings;
  onNewAdminKey: (key: string) => void;
}

/**
 * Brings the database up to date and the settings into memory, where they are kept up. Last what serving waits for, and
 * what goes on beside it.
 */
export async function prepareDatabase(
  config: Config,
  logger: Logger,
  undo: Undo,
  { database, settingsStore, settings, onNewAdminKey }: Prepared,
): Promise<void> {
  const { presence, pool, reportPool, isEmbedded } = database;
  await migrate(presence.connection);
  const firstKey = makeKey();
  if (!config.ADMIN_KEY && (await addFirstAdminKey(pool, hashKey(firstKey)))) onNewAdminKey(firstKey);
  const { sites } = await settingsStore.read(null);
  if (config.DEMO ?? (isEmbedded && sites.length === 0)) await makeDemoSite(settingsStore, settings);
  await settings.refresh(null);

  deriveChannels(createChannelStore(reportPool, storedChannel), presence, logger, undo);
  if (isEmbedded) {
    // Nobody else changes anything.
    const onError = (error: unknown) => logger.warn({ err: error }, 'the database could not be tidied');
    undo.push(startUpkeep(pool, onError).stop);
    return;
  }
  const refreshFailed = (error: unknown) => logger.warn({ err: error }, 'settings could not be read anew');
  const listener = listenForSettings(presence.connection, {
    onChange: (siteId) => void settings.refresh(siteId).catch(refreshFailed),
    onError: (error) => {
      // That Postgres is away has been said.
      if (!presence.isAway()) logger.warn({ err: error }, 'the listener for settings was lost');
    },
  });
  undo.push(() => listener.close());
  const timer = setInterval(() => void settings.refresh(null).catch(refreshFailed), REFRESH_MS);
  undo.push(() => clearInterval(timer));
}
