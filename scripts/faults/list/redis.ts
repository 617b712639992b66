import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../test/free-port.mjs';
import { runRedis } from '../../test/redis.mjs';
import { clockOf } from '../clock.js';
import type { Fault } from '../fault.js';
import { actor, type Stage, until, withRedis } from '../stage.js';

const HOUR = 3_600;
const LIVE_WITH_IT_MS = 8_000;
const AWAY_MS = 5_000;
/** So long a replica hears nothing before it takes over: longer than a promise. */
const LAG_MS = 6_000;

/** Whether Redis' clock is off so many seconds. */
const isOff = (stage: Stage, seconds: number): Promise<boolean> =>
  withRedis(stage.redis.url, async (redis) => {
    const off = Number((await redis.time())[0]) - Date.now() / 1000;
    return Math.abs(off - seconds) < 5;
  });

export const redisFlushed: Fault = {
  name: 'redis-flushed',
  title: 'Redis FLUSHALL',
  run: (stage) =>
    withRedis(stage.redis.url, async (redis) => {
      const at = performance.now();
      await redis.flushall();
      return at;
    }),
};

const redisRestarted: Fault = {
  name: 'redis-restarted',
  title: `Redis killed, away ${AWAY_MS / 1000} s, restarted with nothing kept`,
  async run({ redis }) {
    await redis.end('SIGKILL');
    await sleep(AWAY_MS);
    await redis.start();
    return performance.now();
  },
};

const replicaPromoted: Fault = {
  name: 'replica-promoted',
  title: `Redis primary killed, a replica that lags ${LAG_MS / 1000} s promoted in its place`,
  async run(stage) {
    const port = await freePort();
    const replica = actor(() => runRedis(join(stage.folder, 'replica'), port));
    await replica.start();
    stage.closing.push(() => replica.end('SIGKILL'));
    return withRedis(`redis://127.0.0.1:${port}`, async (redis) => {
      await redis.replicaof('127.0.0.1', stage.redis.port);
      await until(
        async () => (await redis.info('replication')).includes('master_link_status:up'),
        'a replica',
      );
      await sleep(2_000);
      // From here on it hears nothing.
      await redis.replicaof('127.0.0.1', await freePort());
      await sleep(LAG_MS);
      await stage.redis.end('SIGKILL');
      await redis.replicaof('no', 'one');
      await redis.config('SET', 'port', stage.redis.port);
      return performance.now();
    });
  },
};

const redisClock: Fault = {
  name: 'redis-clock',
  title: "Redis' clock an hour ahead, then an hour behind, then right",
  async prepare(folder) {
    // Redis' own allocator asks for the time before libfaketime can tell it, and the two hang: libc's goes before it.
    const clock = clockOf(folder, 'redis', ['libc.so.6']);
    clock.offset(0);
    return { redisEnv: clock.env };
  },
  async run(stage) {
    let at = 0;
    for (const seconds of [HOUR, -HOUR, 0]) {
      at = performance.now();
      clockOf(stage.folder, 'redis').offset(seconds);
      await until(() => isOff(stage, seconds), `Redis' clock ${seconds} s off`);
      if (seconds !== 0) await sleep(LIVE_WITH_IT_MS);
    }
    return at;
  },
};

export const redisFaults = [redisFlushed, redisRestarted, replicaPromoted, redisClock];
