import { Redis } from 'ioredis';
import { OVERLAPS } from '../../../scripts/overlaps.js';
import { poolOf } from '../../../server/domain/leasing/pool.js';
import { newId } from '../../../server/lib/ids.js';
import type { LeaseAsk, LeaseOffer } from '../../../server/stores/lease-store.js';
import { isDuplicate } from '../../../server/stores/postgres/failures.js';
import { createSettingsStore } from '../../../server/stores/postgres/settings/settings.js';
import { createVisitorStore } from '../../../server/stores/postgres/visitors.js';
import type { Site, Tracker } from '../../../server/stores/settings.js';
import { createDatabase } from '../../support/database.js';
import { type LeaseServer, type LeaseUrls, openLeaseServer } from '../../support/lease-server.js';
import { newSite, newTracker } from '../../support/settings-rows.js';
import { type VirtualClock, virtualClock } from '../../support/virtual-clock.js';
import { visitOf } from '../../support/visit.js';
import type { NumberRow, Told } from './model.js';
import { MIN_WINDOW, WINDOW } from './steps.js';

/** An offer on its way: made to a visitor, then committed to the history, then told to the lease store. */
export interface Flight {
  visitor: string;
  tracker: 0 | 1;
  server: 0 | 1;
  offer: LeaseOffer;
  since: number;
  /** The store has lost its memory of the offer since. */
  isLost: boolean;
  stands: boolean | null;
}

/** Two servers over the stores, and what happens between them. */
export interface ModelStage {
  servers: [LeaseServer, LeaseServer];
  redis: Redis[];
  /** By how many seconds Redis' clock is ahead. */
  ahead: number;
  /** Told of every pool that is loaded. */
  onLoad: (trackerId: string) => void;
  /** The database has no number twice. */
  takeNumbers: (count: number) => string[];
  close: () => Promise<void>;
}

/** `redis`: of each server; the same for both, or two that know nothing of each other; none: leases in Postgres. */
export async function setModelStage(redis: string[]): Promise<ModelStage> {
  const database = await createDatabase();
  let used = 0;
  const urls = (at: number): LeaseUrls => ({ database: database.url, redis: redis[at] ?? redis[0] });
  const stage: ModelStage = {
    servers: [] as unknown as ModelStage['servers'],
    redis: redis.map((url) => new Redis(url)),
    ahead: 0,
    onLoad: () => {},
    takeNumbers: (count) =>
      Array.from({ length: count }, () => {
        used += 1;
        return `+1999${String(used).padStart(7, '0')}`;
      }),
    close: async () => {
      for (const server of stage.servers) await server.close();
      for (const client of stage.redis) client.disconnect();
      await database.drop();
    },
  };
  const hooks = { ahead: () => stage.ahead * 1000, onLoad: (id: string) => stage.onLoad(id) };
  for (const at of [0, 1]) stage.servers.push(await openLeaseServer(urls(at), hooks));
  return stage;
}

const READ_POOL = `local replies = {}
for at, key in ipairs(KEYS) do
  replies[at] = redis.call(at <= 2 and 'HGETALL' or 'ZRANGE', key, unpack(at <= 2 and {} or { 0, -1 }))
end
return replies`;

/** What READ_POOL found: every number is in both orders, or waits, and every visitor is one that a number remembers. */
function poolWrongs([numbers = [], visitors = [], ...orders]: string[][]): string[] {
  const entries = (flat: string[]) =>
    flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? ''] as const] : []));
  const records = new Map(entries(numbers));
  const lost = entries(visitors).filter(([id, number]) => records.get(number)?.split(' ')[1] !== id);
  const wrongs = lost.map(([id, number]) => `${id} is found by ${number}, which does not remember them`);
  for (const at of [0, 2]) {
    const placed = new Set([...(orders[at] ?? []), ...(orders[at + 1] ?? [])]);
    if (placed.size !== records.size || [...records.keys()].some((number) => !placed.has(number))) {
      wrongs.push(`of ${[...records.keys()]} an order has ${[...placed]}`);
    }
  }
  return wrongs;
}

const START = Date.UTC(2040, 0, 1);

/** A site with two pools, and what each server knows of them. */
export class ModelWorld {
  readonly clock: VirtualClock = virtualClock(START);
  /** The trackers as each server knows them. */
  readonly known: [Tracker[], Tracker[]] = [[], []];
  readonly numbers: string[] = [];
  readonly retired: string[] = [];
  #copies: Map<string, Buffer>[] = [];

  private constructor(
    readonly stage: ModelStage,
    readonly site: Site,
    readonly trackerIds: string[],
  ) {}

  static async make(stage: ModelStage): Promise<ModelWorld> {
    const settings = createSettingsStore(stage.servers[0].pool);
    const site = await settings.createSite(newSite());
    const trackers: Tracker[] = [];
    for (const count of [3, 2]) {
      const windows = { reservation_seconds: WINDOW, min_reservation_seconds: MIN_WINDOW };
      trackers.push(
        await settings.createTracker(newTracker(site.id, { numbers: stage.takeNumbers(count), ...windows })),
      );
    }
    const world = new ModelWorld(
      stage,
      site,
      trackers.map(({ id }) => id),
    );
    world.numbers.push(...trackers.flatMap((tracker) => tracker.numbers));
    world.known[0] = trackers;
    world.known[1] = [...trackers];
    return world;
  }

  get settings() {
    return createSettingsStore(this.stage.servers[0].pool);
  }

  /** Seconds since the beginning. */
  now(): number {
    return (this.clock.now().getTime() - START) / 1000;
  }

  tracker(at: 0 | 1, server: 0 | 1): Tracker {
    return this.known[server][at] as Tracker;
  }

  /** Whether the server knows the pool as it is: whoever changes a pool does. */
  isFresh(at: 0 | 1, server: 0 | 1): boolean {
    const versions = ([0, 1] as const).map((one) => this.tracker(at, one).pool_version);
    return versions[server] === Math.max(...versions);
  }

  /** The server hears of changed settings. */
  async refresh(server: 0 | 1): Promise<void> {
    this.known[server] = await Promise.all(
      this.trackerIds.map(async (id) => (await this.settings.tracker(id)) as Tracker),
    );
  }

  sql(text: string, values: unknown[] = []) {
    return this.stage.servers[0].pool.query(text, values);
  }

  ask(visitorId: string, at: 0 | 1, server: 0 | 1): LeaseAsk {
    const pool = poolOf(this.tracker(at, server));
    return { pool, visitorId, leaseId: newId(), ownSeconds: WINDOW, now: this.clock.now() };
  }

  /** Enters the offer into the history, as a view does; whether it stands. */
  async commit({ visitor, tracker, server, offer }: Flight): Promise<boolean> {
    const lease = {
      leaseId: offer.leaseId,
      trackerId: this.trackerIds[tracker] as string,
      number: offer.number,
      assignment: offer.assignment,
      ownSeconds: WINDOW,
      minSeconds: MIN_WINDOW,
    };
    const visit = visitOf({
      siteId: this.site.id,
      visitorId: visitor,
      now: this.clock.now(),
      [offer.confirmed ? 'signed' : 'proposed']: [lease],
    });
    try {
      const result = await this.stage.servers[server].visits.add(visit);
      return result.kind === 'stored' && result.standing.has(offer.leaseId);
    } catch (error) {
      // Committed long ago by another tab, and over since: the request fails, and nothing of it is written.
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  /** The visitor withdraws in the history. */
  async withdraw(visitor: string): Promise<void> {
    await createVisitorStore(this.stage.servers[0].pool).withdraw(this.site.id, visitor);
  }

  /** The pool as the history has it. */
  async pool(at: 0 | 1): Promise<NumberRow[]> {
    const { rows } = await this.sql(
      `select numbers.number, numbers.visitor_id as visitor, numbers.lease_id as lease,
        leases.id is not null as live,
        extract(epoch from numbers.last_seen_at)::float8 - $3 as signed,
        extract(epoch from numbers.promised_until)::float8 - $3 as promised,
        extract(epoch from numbers.reserved_until)::float8 - $3 as reserved
      from numbers
      left join leases on leases.id = numbers.lease_id
        and leases.ended_at is null
        and leases.reserved_until > $2
      where numbers.tracker_id = $1
        and numbers.retired_at is null`,
      [this.trackerIds[at], this.clock.now(), START / 1000],
    );
    return rows;
  }

  /** The number that the visitor held last in this pool. */
  async lastHeld(visitor: string, at: 0 | 1): Promise<string | null> {
    const { rows } = await this.sql(
      `select number from leases where visitor_id = $1 and tracker_id = $2 order by leased_at desc, id desc limit 1`,
      [visitor, this.trackerIds[at]],
    );
    return rows[0]?.number ?? null;
  }

  /** What may never be, whatever happened. `told`: what browsers were told meanwhile. */
  async wrongs(told: Told[]): Promise<unknown[]> {
    const [overlaps, twice, unknown, inRedis] = await Promise.all([
      this.sql(OVERLAPS, [this.numbers]),
      this.sql(
        `select tracker_id, visitor_id
        from leases
        where tracker_id = any($1)
          and ended_at is null
          and reserved_until > $2
        group by tracker_id, visitor_id
        having count(*) > 1`,
        [this.trackerIds, this.clock.now()],
      ),
      this.sql(
        `select told.*
        from jsonb_to_recordset($1::jsonb) as told(visitor uuid, number text, lease uuid)
        left join leases on leases.id = told.lease
          and leases.visitor_id = told.visitor
          and leases.number = told.number
        where leases.id is null`,
        [JSON.stringify(told)],
      ),
      this.redisWrongs(),
    ]);
    const failures = this.stage.servers.flatMap((server) => server.failures.splice(0));
    return [...overlaps.rows, ...twice.rows, ...unknown.rows, ...failures, ...inRedis];
  }

  /** Where Redis' memory of a pool does not fit together, or grows. */
  async redisWrongs(): Promise<string[]> {
    const parts = ['numbers', 'visitors', 'exclusive', 'exclusive-later', 'elastic', 'elastic-later'];
    const pools = this.stage.redis.flatMap((redis) => this.trackerIds.map((id) => ({ redis, id })));
    const found = await Promise.all(
      pools.map(async ({ redis, id }) => {
        const keys = parts.map((part) => `dni:{${id}}:${part}`);
        return poolWrongs((await redis.eval(READ_POOL, keys.length, ...keys)) as string[][]);
      }),
    );
    return found.flat();
  }

  /** Everything that Redis has, as a replica that lags would have it. */
  async copy(): Promise<void> {
    this.#copies = await Promise.all(
      this.stage.redis.map(async (redis) => {
        const copy = new Map<string, Buffer>();
        for (const id of this.trackerIds) {
          for (const key of await redis.keys(`dni:{${id}}:*`)) {
            const dump = await redis.dumpBuffer(key);
            if (dump) copy.set(key, dump);
          }
        }
        return copy;
      }),
    );
  }

  async lose(): Promise<void> {
    for (const redis of this.stage.redis) {
      for (const id of this.trackerIds) {
        const keys = await redis.keys(`dni:{${id}}:*`);
        if (keys.length > 0) await redis.unlink(...keys);
      }
    }
  }

  /** The replica that lags becomes the primary, under a replication id of its own. */
  async promote(): Promise<void> {
    await this.lose();
    for (const [at, redis] of this.stage.redis.entries()) {
      for (const [key, dump] of this.#copies[at] ?? []) {
        await redis.restore(key, 0, dump);
        if (key.endsWith(':pool')) await redis.hset(key, 'id', '0'.repeat(40));
      }
    }
  }
}
