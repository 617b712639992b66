import { setTimeout as sleep } from 'node:timers/promises';
import { clockOf } from '../clock.js';
import { crash, type Fault } from '../fault.js';
import { type Server, type Stage, until } from '../stage.js';

const HOUR = 3_600;
const LIVE_WITH_IT_MS = 8_000;

const first = ({ servers }: Stage): Server => servers[0] as Server;

/** Whether a server's clock is off so many seconds, as the Date of its answers says. */
async function isOff(server: Server, seconds: number): Promise<boolean> {
  const answer = await fetch(`${server.url}/healthz`);
  await answer.text();
  const off = (Date.parse(answer.headers.get('date') ?? '') - Date.now()) / 1000;
  return Math.abs(off - seconds) < 5;
}

const serverKilled: Fault = {
  name: 'server-killed',
  title: 'kill -9 of a server, started again at once',
  run: (stage) => crash(first(stage)),
};

const serverClock: Fault = {
  name: 'server-clock',
  title: "a server's clock an hour ahead, then an hour behind, then right",
  async prepare(folder) {
    const clock = clockOf(folder, 'server');
    clock.offset(0);
    return { serverEnv: (at) => (at === 0 ? clock.env : {}) };
  },
  async run(stage) {
    let at = 0;
    for (const seconds of [HOUR, -HOUR, 0]) {
      at = performance.now();
      clockOf(stage.folder, 'server').offset(seconds);
      await until(() => isOff(first(stage), seconds), `the server's clock ${seconds} s off`);
      if (seconds !== 0) await sleep(LIVE_WITH_IT_MS);
    }
    return at;
  },
};

export const serverFaults = [serverKilled, serverClock];
