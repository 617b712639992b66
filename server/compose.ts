import { readFileSync } from 'node:fs';
import type { Logger } from 'pino';
import { takeCalls } from './compose/calls.js';
import { countNowAndThen } from './compose/counting.js';
import { connectDatabase } from './compose/database.js';
import { learnNowAndThen } from './compose/learning.js';
import { prepareDatabase } from './compose/prepare.js';
import { pruneNowAndThen } from './compose/pruning.js';
import { startDatabase } from './compose/start.js';
import type { Undo } from './compose/undo.js';
import type { Config } from './config.js';
import { decideAgainAfterTap } from './domain/calls/decide-again.js';
import { countLeases } from './domain/leasing/count-leases.js';
import { createRefusalLog } from './domain/leasing/refusal-log.js';
import { createLiveCalls } from './domain/reports/live.js';
import { decideSession } from './domain/sessions/decide-session.js';
import { hashKey } from './domain/settings/access.js';
import { DEMO_KEY } from './domain/settings/demo-site.js';
import { createSettings } from './domain/settings/settings.js';
import { storedChannel } from './domain/sources/stored-channel.js';
import { createInstallLog } from './domain/visits/install-log.js';
import { createDatabaseClock } from './lib/clock.js';
import { twilio } from './providers/twilio/adapter.js';
import { createMetrics } from './routes/metrics.js';
import type { Health, Services } from './routes/services.js';
import type { LeaseStore } from './stores/lease-store.js';
import { createCostStore } from './stores/postgres/costs.js';
import { createSpanCounts } from './stores/postgres/count-spans.js';
import { isAway } from './stores/postgres/failures.js';
import { createInstallStore } from './stores/postgres/installs.js';
import { createLeadStore } from './stores/postgres/leads.js';
import { createLeaseHistory } from './stores/postgres/lease-history.js';
import { createPostgresLeaseStore } from './stores/postgres/lease-store.js';
import { createPoolStore } from './stores/postgres/pools.js';
import { createCallChangeStore } from './stores/postgres/reports/call-changes.js';
import { createReportStore } from './stores/postgres/reports/report-store.js';
import { createSettingsStore } from './stores/postgres/settings/settings.js';
import { createTimeModelStore } from './stores/postgres/time-models.js';
import { createVisitorStore } from './stores/postgres/visitors.js';
import { createVisitStore } from './stores/postgres/visits.js';
import { connectRedis, type RedisClient } from './stores/redis/connect.js';
import { createRedisLeaseStore } from './stores/redis/lease-store.js';
import { createLimiter } from './stores/redis/limiter.js';
import { createSettingsCopy } from './stores/settings-copy.js';

const LOG_FLUSH_MS = 10_000;

export interface Composed {
  services: Services;
  isAway: (error: unknown) => boolean;
  /** From now on /readyz says no. */
  stopping: () => void;
  /** Writes what waits and gives everything back, in the order it was taken. */
  close: () => Promise<void>;
}

/** The built script, beside the server in the build. */
function readSnippet() {
  const folder = new URL('../snippet/', import.meta.url);
  const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');
  return {
    code: read('dni.js'),
    more: read('more.js'),
    stub: read('stub.js'),
    version: read('version.txt').trim(),
  };
}

/**
 * Chooses the implementations and puts them together. The only place that knows which are in use. An admin key that
 * had to be made is given to `onNewAdminKey`, once, to be shown: that may be later, where Postgres is away at the start.
 */
export async function compose(
  config: Config,
  logger: Logger,
  onNewAdminKey: (key: string) => void,
): Promise<Composed> {
  const undo: Undo = [];
  const close = async () => {
    for (const step of undo.splice(0).reverse()) {
      try {
        await step();
      } catch (error) {
        logger.error({ err: error }, 'could not close cleanly');
      }
    }
  };
  try {
    return await assemble(config, logger, undo, { close, onNewAdminKey });
  } catch (error) {
    await close();
    throw error;
  }
}

async function assemble(
  config: Config,
  logger: Logger,
  undo: Undo,
  { close, onNewAdminKey }: { close: () => Promise<void>; onNewAdminKey: (key: string) => void },
): Promise<Composed> {
  const snippet = readSnippet();
  // Set when all is there that it does.
  let resume = () => {};
  const database = await connectDatabase(config, logger, undo, (isGone) => {
    if (!isGone) resume();
  });
  const { presence, pool, hotPool, reportPool } = database;

  const metrics = createMetrics();
  metrics.gauge('dni_postgres_up', 'Whether Postgres answers', () => (presence.isAway() ? 0 : 1));
  const clock = createDatabaseClock();
  const history = createLeaseHistory(hotPool);
  const onLeaseFailure = (error: unknown) => {
    metrics.leaseFailed();
    logger.error({ err: error }, 'the lease store failed');
  };

  let redis: RedisClient | null = null;
  let leases: LeaseStore;
  if (config.REDIS_URL) {
    redis = await connectRedis(config.REDIS_URL, (error) => logger.warn({ err: error }, 'Redis'));
    const connected = redis;
    undo.push(() => connected.disconnect());
    const inRedis = createRedisLeaseStore(redis, history, {
      isAway,
      onError: (error) => logger.error({ err: error }, 'renewals could not be written'),
      onRenewalRefused: metrics.renewalRefused,
    });
    undo.push(() => inRedis.close());
    leases = inRedis;
  } else leases = createPostgresLeaseStore(hotPool);

  const pools = createPoolStore(reportPool);
  metrics.watchPools(pools);
  const refusals = createRefusalLog(pools);
  leases = countLeases(leases, {
    offered: metrics.leaseOffered,
    none: () => metrics.visitorRefused('pool'),
  });

  const visits = createVisitStore(hotPool, decideSession, {
    onBatch: metrics.batch,
    onTime: clock.observe,
  });
  undo.push(() => visits.drain());

  const copy = createSettingsCopy(config.DATA_DIR, (error) =>
    logger.error({ err: error }, 'the settings could not be copied to the data folder'),
  );
  undo.push(() => copy.close());
  const settingsStore = createSettingsStore(pool);
  const settings = createSettings(settingsStore, { onRead: copy.save });
  const calls = await takeCalls(config, logger, undo, {
    settings,
    leases,
    onLeaseFailure,
    database,
    metrics,
  });

  const prepare = () =>
    prepareDatabase(config, logger, undo, { database, settingsStore, settings, onNewAdminKey });
  const start = await startDatabase(
    { presence, prepare, replay: calls.replay, settings, copy },
    logger,
    undo,
  );
  resume = start.resume;

  learnNowAndThen(createTimeModelStore(reportPool), presence, logger, undo);
  countNowAndThen(createSpanCounts(reportPool), presence, logger, undo);

  const callChanges = createCallChangeStore(pool, reportPool);
  pruneNowAndThen(callChanges, presence, logger, undo);
  const live = createLiveCalls({
    changes: callChanges,
    onError: (error) => {
      if (!presence.isAway()) logger.warn({ err: error }, 'changes of calls could not be read');
    },
  });
  undo.push(async () => live.close());
  metrics.gauge('dni_live_streams', 'Clients that are told of calls as they happen', live.watching);

  const hasDemo = config.DEMO ?? (await settings.siteByKey(DEMO_KEY)) !== null;

  const installStore = createInstallStore(pool);
  const installs = createInstallLog(installStore);
  const flushLogs = async () => {
    await installs
      .flush()
      .catch((error: unknown) => logger.warn({ err: error }, 'install reports were lost'));
    await refusals.flush().catch((error: unknown) => logger.warn({ err: error }, 'refusals wait'));
  };
  const logTimer = setInterval(flushLogs, LOG_FLUSH_MS);
  undo.push(async () => {
    clearInterval(logTimer);
    await flushLogs();
  });

  let isStopping = false;
  async function health(): Promise<Health> {
    const redisUp = await redis?.ping().then(
      () => true,
      () => false,
    );
    const { waiting, inMemory, dropped } = calls.deps.spool.state();
    return {
      ready: settings.loaded() && !isStopping,
      postgres: presence.isAway() ? 'down' : 'up',
      redis: redisUp === undefined ? 'none' : redisUp ? 'up' : 'down',
      spool: { waiting, in_memory: inMemory, dropped },
    };
  }

  const limiter = (name: string, points: number, seconds: number) =>
    createLimiter(redis, { name, points, seconds });
  const requests = {
    byAddress: limiter('requests', config.RATE_LIMIT, 60),
    bySite: limiter('site-requests', config.SITE_RATE_LIMIT, 60),
  };

  const services: Services = {
    settings,
    settingsStore,
    leases,
    metrics,
    snippet,
    twilio,
    twilioTokens: config.TWILIO_AUTH_TOKEN,
    adminKeyHash: config.ADMIN_KEY ? hashKey(config.ADMIN_KEY) : null,
    publicUrl: config.PUBLIC_URL ?? null,
    countryHeader: config.COUNTRY_HEADER ?? null,
    costs: createCostStore(pool, storedChannel),
    leads: createLeadStore(reportPool),
    installs: installStore,
    pools,
    refusals,
    reports: createReportStore(reportPool),
    live,
    demo: hasDemo ? DEMO_KEY : null,
    calls: calls.deps,
    browser: {
      settings,
      leases,
      history,
      visits,
      visitors: createVisitorStore(pool),
      afterTap: (tap) => decideAgainAfterTap(calls.deps, tap),
      installs,
      onLeaseFailure,
      onRefused: metrics.leaseRefused,
      refusals,
      isHistoryAway: presence.isAway,
      now: clock.now,
      siteRequests: requests.bySite,
      newLeases:
        config.LEASE_LIMIT + config.SITE_LEASE_LIMIT === 0
          ? null
          : {
              byAddress: limiter('leases', config.LEASE_LIMIT, 3600),
              bySite: limiter('site-leases', config.SITE_LEASE_LIMIT, 3600),
              onLimited: metrics.visitorRefused,
            },
    },
    requests,
    health,
  };
  return {
    services,
    isAway,
    stopping: () => {
      isStopping = true;
    },
    close,
  };
}
