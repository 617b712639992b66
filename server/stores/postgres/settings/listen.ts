import pg from 'pg';
import { SETTINGS_CHANNEL } from './rows.js';

const RETRY_MS = 1_000;

/**
 * Hears of settings that other servers have changed, on a connection of its own; a lost one is made anew. Each time that
 * it begins to listen it says that anything may have changed (null), since what was said before was not heard.
 */
export function listenForSettings(
  connection: pg.ClientConfig,
  on: { onChange: (siteId: string | null) => void; onError: (error: Error) => void },
): { close: () => Promise<void> } {
  let client: pg.Client | null = null;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const next = new pg.Client({ ...connection, keepAlive: true });
    let isLost = false;
    const lost = (error?: Error) => {
      if (isLost || isClosed) return;
      isLost = true;
      if (error) on.onError(error);
      next.end().catch(() => {});
      timer = setTimeout(() => void connect(), RETRY_MS);
    };
    next.on('error', lost);
    next.on('end', () => lost());
    next.on('notification', ({ payload }) => on.onChange(payload || null));
    client = next;
    try {
      await next.connect();
      await next.query(`listen ${SETTINGS_CHANNEL}`);
      on.onChange(null);
    } catch (error) {
      lost(error as Error);
    }
  }
  void connect();

  return {
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await client?.end().catch(() => {});
    },
  };
}
