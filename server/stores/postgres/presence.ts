import { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

/** How often Postgres is asked while it answers, and while it does not. */
const ASK_MS = 1_000;
const ASK_AGAIN_MS = 250;
/** A question this small that is not answered in this time: it hangs. */
const PATIENCE_MS = 1_000;
const TICK_MS = 100;

/** Postgres does not answer. */
export class PostgresAway extends Error {
  readonly code = 'EAWAY';
  constructor(cause?: unknown) {
    super(cause instanceof Error ? `Postgres is away: ${cause.message}` : 'Postgres is away', { cause });
  }
}

/** Whether Postgres is there, known before anybody has to wait for it. */
export interface Presence {
  isAway(): boolean;
  /** What it answered instead, while it is away. */
  error(): unknown;
  /** Asks now, unless a question is under way. Resolves with its answer: whether it is there. */
  check(): Promise<boolean>;
  /** How to connect: refused at once while Postgres is away, and what was connected is cut when it goes. */
  connection: pg.ClientConfig;
  close(): Promise<void>;
}

/** Of a database in this process, which is there as long as we are. */
export const alwaysThere = (connection: pg.ClientConfig): Presence => ({
  isAway: () => false,
  error: () => null,
  check: async () => true,
  connection,
  close: async () => {},
});

/** Waits so long as this process was able to listen: one that was held up itself has not waited. */
async function patience(signal: AbortSignal): Promise<void> {
  for (let waited = 0; waited < PATIENCE_MS; waited += TICK_MS) await pause(TICK_MS, undefined, { signal });
}

/**
 * Asks Postgres once a second, on a connection of its own, whether it is there; so one slow statement is no sign that it
 * is not. Away is what refuses, is starting up, or leaves the question unanswered for a second. Then every connection
 * made through `connection` is cut, so that whoever waits on one learns it at once, and none is tried until Postgres
 * answers again. Until the first answer it counts as away. `onChange` is told of every change after that.
 */
export function watchPostgres(
  given: pg.ClientConfig,
  onChange: (isAway: boolean, error: unknown) => void,
): Presence {
  const sockets = new Set<Socket>();
  let client: pg.Client | null = null;
  let away: PostgresAway | null = new PostgresAway();
  let asking: Promise<boolean> | null = null;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  function stream(): Socket {
    const socket = new Socket();
    if (away) {
      // After the caller has set it up; so it fails like any other that is refused.
      const error = away;
      process.nextTick(() => socket.destroy(error));
      return socket;
    }
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      // Maybe the first sign that Postgres went.
      if (!away) void check();
    });
    return socket;
  }

  function dropClient(): void {
    const dropped = client;
    client = null;
    // Closed hard: nobody may be there to say goodbye to.
    dropped?.connection.stream.destroy();
    dropped?.end().catch(() => {});
  }

  async function ask(): Promise<void> {
    const kept = client;
    if (kept) {
      try {
        await kept.query('select');
        return;
      } catch (error) {
        // Given up on while it was asked.
        if (client !== kept) throw error;
        // The connection may have been ended; a new one shows whether Postgres is there.
        dropClient();
      }
    }
    const next = new pg.Client({ ...given, application_name: 'dni presence', keepAlive: true });
    next.on('error', () => {});
    client = next;
    await next.connect();
    await next.query('select');
  }

  async function answer(): Promise<unknown> {
    const asked = new AbortController();
    const hangs = patience(asked.signal).then(() => {
      throw Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' });
    });
    try {
      await Promise.race([ask(), hangs]);
      return null;
    } catch (error) {
      dropClient();
      return error;
    } finally {
      asked.abort();
      hangs.catch(() => {});
    }
  }

  function note(error: unknown): void {
    const was = away !== null;
    away = error === null ? null : new PostgresAway(error);
    if ((away !== null) === was) return;
    if (away) for (const socket of sockets) socket.destroy(away);
    onChange(away !== null, error);
  }

  function check(): Promise<boolean> {
    if (isClosed) return Promise.resolve(false);
    clearTimeout(timer);
    asking ??= answer().then((error) => {
      asking = null;
      if (isClosed) return false;
      note(error);
      timer = setTimeout(() => void check(), away ? ASK_AGAIN_MS : ASK_MS);
      return away === null;
    });
    return asking;
  }

  return {
    isAway: () => away !== null,
    error: () => away?.cause ?? null,
    check,
    connection: { ...given, stream },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      dropClient();
      await asking;
    },
  };
}
