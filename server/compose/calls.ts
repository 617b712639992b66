import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import type { ReceiveDeps } from '../domain/calls/receive.js';
import { createReplay, type Replay } from '../domain/calls/replay.js';
import type { CallDeps } from '../domain/calls/take-event.js';
import { machineTime } from '../lib/clock.js';
import { isRunning, ownIdentity } from '../lib/process-identity.js';
import type { Metrics } from '../routes/metrics.js';
import { createCallStore } from '../stores/postgres/calls.js';
import { isAway, isOfTheRow } from '../stores/postgres/failures.js';
import { openSpool } from '../stores/spool/spool.js';
import type { Database } from './database.js';
import type { Undo } from './undo.js';

/** A caller waits so long for Postgres. The embedded one does one thing at a time, and has nowhere to go. */
const PATIENCE_MS = 1_500;
const EMBEDDED_PATIENCE_MS = 5_000;
const MEMORY_BYTES = 16 << 20;

/** How calls are taken: by the database, and by the spool while that is away. */
export async function takeCalls(
  config: Config,
  logger: Logger,
  undo: Undo,
  given: Pick<CallDeps, 'settings' | 'leases' | 'onLeaseFailure'> & { database: Database; metrics: Metrics },
): Promise<{ deps: ReceiveDeps; replay: Replay }> {
  const { database, metrics, ...rest } = given;
  const spool = await openSpool({
    folder: join(config.DATA_DIR, 'spool'),
    bytes: config.SPOOL_MB << 20,
    memoryBytes: MEMORY_BYTES,
    owner: await ownIdentity(),
    isRunning,
    onTrouble: (error, state) => {
      if (error) logger.error({ err: error, ...state }, 'the spool cannot keep call events on disk');
      else logger.info(state, 'all call events are on disk again');
    },
  });
  undo.push(() => spool.close());
  const { waiting } = spool.state();
  if (waiting > 0) logger.info({ waiting }, 'call events wait in the spool');

  const gauge = (name: string, help: string, read: () => number) =>
    metrics.gauge(`dni_spool_${name}`, help, read);
  gauge('events', 'Call events that wait for the database', () => spool.state().waiting);
  gauge('memory_events', 'Of these, not on disk: a crash loses them', () => spool.state().inMemory);
  gauge('dropped_events', 'Call events lost since the start for want of room', () => spool.state().dropped);
  gauge(
    'refused_events',
    'Call events set aside in refused.jsonl since the start',
    () => spool.state().refused,
  );

  const deps: ReceiveDeps = {
    ...rest,
    store: createCallStore(database.callPool),
    spool,
    postgres: database.presence,
    isAway,
    patienceMs: database.isEmbedded ? EMBEDDED_PATIENCE_MS : PATIENCE_MS,
    now: machineTime,
  };
  const replay = createReplay({
    ...deps,
    isOfTheRow,
    onStored: () => {
      if (spool.state().waiting === 0) logger.info('the spool is empty: all call events are stored');
    },
    onRefused: ({ id, event }, reason) =>
      logger.error({ err: reason, event: id, type: event.type }, 'a call event was set aside'),
    onError: (error) => logger.error({ err: error }, 'call events could not be replayed'),
  });
  undo.push(() => replay.close());
  return { deps, replay };
}
