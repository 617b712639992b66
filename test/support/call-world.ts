import { join } from 'node:path';
import { type ReceiveDeps, receiveLater, receiveStart } from '../../server/domain/calls/receive.js';
import { createReplay } from '../../server/domain/calls/replay.js';
import { createSettings, type Settings } from '../../server/domain/settings/settings.js';
import { machineTime } from '../../server/lib/clock.js';
import { newId } from '../../server/lib/ids.js';
import { isRunning, ownIdentity } from '../../server/lib/process-identity.js';
import type { CallEvent, EndEvent, StartEvent } from '../../server/providers/call-event.js';
import { createCallStore } from '../../server/stores/postgres/calls.js';
import { isAway, isOfTheRow } from '../../server/stores/postgres/failures.js';
import { createPool, type Pool } from '../../server/stores/postgres/pool.js';
import { createSettingsStore } from '../../server/stores/postgres/settings/settings.js';
import type { NewTracker, SettingsStore, Site, Tracker } from '../../server/stores/settings.js';
import { openSpool } from '../../server/stores/spool/spool.js';
import type { Spool } from '../../server/stores/spool.js';
import { createDatabase } from './database.js';
import { fictionalNumbers } from './fictional-numbers.js';
import { newSite, newTracker } from './settings-rows.js';
import { tempDir } from './temp-dir.js';

/** A site with a tracker of one number, by the database's own clock. */
export interface CallSite {
  site: Site;
  tracker: Tracker;
  number: string;
}

/** What calls are told of the database, and what becomes of it. */
export interface Outage {
  isAway: boolean;
  /** The next transaction is committed, and this is thrown. */
  lose: Error | null;
}

export interface CallWorld {
  pool: Pool;
  settings: Settings;
  settingsStore: SettingsStore;
  /** Trackers and numbers whose lease store was told to hold. */
  held: [string, string, number][];
  makeSite: (tracker?: Partial<NewTracker>) => Promise<CallSite>;
  start: (
    event: Partial<StartEvent> & { to: string },
    siteId?: string | null,
  ) => ReturnType<typeof receiveStart>;
  end: (event?: Partial<EndEvent>, siteId?: string | null) => ReturnType<typeof receiveLater>;
  code: (call_id: string, code: string, siteId?: string | null) => ReturnType<typeof receiveLater>;
  /** A visitor with one session, who was shown the number so many seconds ago and last seen so many. */
  visitor: (where: CallSite, seen: { shown: number; silent: number; source?: string }) => Promise<Shown>;
  /** A code that the visitor's page shows. */
  giveCode: (where: CallSite, visitor: Shown, code: string) => Promise<void>;
  sql: <T extends object>(text: string, values?: unknown[]) => Promise<T[]>;
  /** What calls are taken with. */
  deps: ReceiveDeps;
  outage: Outage;
  /** So much later by this machine's clock. */
  later: (seconds: number) => void;
  /** Replays what the spool holds, this or another; the reasons for which events were set aside, or it stopped. */
  replay: (spool?: Spool) => Promise<unknown[]>;
  close: () => Promise<void>;
}

export interface Shown {
  visitorId: string;
  sessionId: string;
  leaseId: string;
}

export async function makeCallWorld(): Promise<CallWorld> {
  const database = await createDatabase();
  const pool = createPool({ connection: { connectionString: database.url }, max: 10, onError: () => {} });
  const settingsStore = createSettingsStore(pool);
  const settings = createSettings(settingsStore, { missIntervalMs: 0 });
  const held: CallWorld['held'] = [];
  let shiftMs = 0;
  const folder = tempDir();
  const outage: Outage = { isAway: false, lose: null };
  const store = createCallStore(pool);
  const spool = await openSpool({
    folder: join(folder.path, 'spool'),
    bytes: 1 << 20,
    memoryBytes: 1 << 20,
    owner: await ownIdentity(),
    isRunning,
    onTrouble: (error) => {
      throw error;
    },
  });
  const deps: ReceiveDeps = {
    settings,
    store: {
      ...store,
      async withCall(key, work) {
        const done = await store.withCall(key, work);
        const { lose } = outage;
        outage.lose = null;
        if (lose) throw lose;
        return done;
      },
    },
    spool,
    postgres: { isAway: () => outage.isAway, check: async () => !outage.isAway },
    isAway,
    patienceMs: 10_000,
    now: () => machineTime() + shiftMs,
    leases: {
      hold: async (trackerId: string, number: string, seconds: number) => {
        held.push([trackerId, number, seconds]);
      },
    },
    onLeaseFailure: (error: unknown) => {
      throw error;
    },
  };
  const stopped: unknown[] = [];
  const makeReplay = (spooled: Spool) =>
    createReplay({
      ...deps,
      spool: spooled,
      isOfTheRow,
      onStored: () => {},
      onRefused: (_, reason) => stopped.push(reason),
      onError: (error) => stopped.push(error),
    });
  const replay = makeReplay(spool);
  const incoming = <E extends CallEvent>(event: E, siteId: string | null) => ({
    provider: 'api',
    event,
    body: { as: 'received' },
    siteId,
  });
  let used = 0;
  const sql: CallWorld['sql'] = async <T extends object>(text: string, values: unknown[] = []) =>
    (await pool.query<T>(text, values)).rows;

  return {
    pool,
    settings,
    settingsStore,
    held,
    sql,
    async makeSite(given) {
      const numbers = fictionalNumbers(1, used++);
      const site = await settingsStore.createSite(newSite());
      const tracker = await settingsStore.createTracker(newTracker(site.id, { numbers, ...given }));
      await settings.refresh(null);
      return { site, tracker, number: numbers[0] ?? '' };
    },
    start: (event, siteId = null) =>
      receiveStart(
        deps,
        incoming({ type: 'start', call_id: 'c', from: null, started_at: null, caller: {}, ...event }, siteId),
      ),
    end: (event = {}, siteId = null) =>
      receiveLater(
        deps,
        incoming(
          {
            type: 'end',
            call_id: 'c',
            to: null,
            status: 'answered',
            duration: 60,
            talk_time: null,
            ended_at: null,
            recording_url: null,
            keypad: null,
            ...event,
          },
          siteId,
        ),
      ),
    code: (call_id, code, siteId = null) =>
      receiveLater(deps, incoming({ type: 'code', call_id, code }, siteId)),
    async visitor({ site, tracker, number }, { shown, silent, source = 'google' }) {
      const [visitorId, sessionId, leaseId] = [newId(), newId(), newId()];
      await sql(
        `insert into visitors (id, site_id, first_seen_at, session_id)
        values ($1, $2, clock_timestamp() - make_interval(secs => $4), $3)`,
        [visitorId, site.id, sessionId, shown],
      );
      await sql(
        `insert into sessions (
          id, site_id, visitor_id, started_at, last_seen_at, source, medium, campaign, term, utm, click_ids,
          landing_page_url, landing_page, landing_params, device_type, page_view_count, last_requested_url, ids
        )
        select $1, $2, $3, at, at, $5, 'cpc', 'winter', 'boiler repair', '{}', '{}', 'https://shop.example/?a=1',
          'https://shop.example/', '{}', 'mobile', 1, 'https://shop.example/', '{}'
        from (select clock_timestamp() - make_interval(secs => $4) as at) as clock`,
        [sessionId, site.id, visitorId, shown, source],
      );
      const taken = await pool.query(
        `insert into leases (
          id, site_id, tracker_id, number, visitor_id, session_id, assignment, leased_at, last_seen_at, promised_until,
          reserved_until
        )
        select $1, $2, $3, $4, $5, $6, 'elastic', now - make_interval(secs => $7), now - make_interval(secs => $8),
          now - make_interval(secs => $8) + interval '300 s', now - make_interval(secs => $8) + interval '1800 s'
        from (select clock_timestamp() as now) as clock`,
        [leaseId, site.id, tracker.id, number, visitorId, sessionId, shown, silent],
      );
      if (taken.rowCount !== 1) throw new Error('the number was not free: make the older visitors first');
      return { visitorId, sessionId, leaseId };
    },
    async giveCode({ site }, { visitorId, sessionId }, code) {
      await sql(
        `insert into codes (id, site_id, code, visitor_id, session_id, page_url, created_at, expires_at)
        values ($1, $2, $3, $4, $5, 'https://shop.example/', clock_timestamp() - interval '1 minute',
          clock_timestamp() + interval '1 day')`,
        [newId(), site.id, code, visitorId, sessionId],
      );
    },
    deps,
    outage,
    later(seconds) {
      shiftMs += seconds * 1000;
    },
    async replay(spooled) {
      await (spooled ? makeReplay(spooled) : replay).run();
      return stopped.splice(0);
    },
    async close() {
      await spool.close();
      folder.remove();
      await pool.end();
      await database.drop();
    },
  };
}
