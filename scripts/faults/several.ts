import { setTimeout as sleep } from 'node:timers/promises';
import { crash, type Fault } from './fault.js';
import { redisFlushed } from './list/redis.js';
import type { Server } from './stage.js';

/** The short form: what covers most, one upon the other within seconds. */
export const several: Fault = {
  name: 'several',
  title: 'Redis FLUSHALL, Postgres away, and meanwhile a server killed and restarted',
  async run(stage) {
    await redisFlushed.run(stage);
    await sleep(1_000);
    await stage.postgres.end('SIGQUIT');
    await sleep(500);
    await crash(stage.servers[0] as Server);
    await stage.postgres.start();
    return performance.now();
  },
};
