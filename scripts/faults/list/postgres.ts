import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { crash, type Fault } from '../fault.js';
import type { Server, Stage } from '../stage.js';

/** How long Postgres is away while calls arrive. */
const AWAY_MS = 30_000;
const SHORTER_MS = 10_000;
/** Room for the copy of the settings and for a handful of events. */
const DISK = '32k';

/** A small disk of its own at `path`; returns what takes it away again, as the end of this process does. */
function mountDisk(path: string): () => void {
  mkdirSync(path);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', path]);
  // Lazily: whoever still has a file open on it may keep that.
  const unmount = () => void execFileSync('umount', ['-l', path]);
  process.once('exit', unmount);
  return () => {
    process.off('exit', unmount);
    unmount();
  };
}

/** Postgres ends at once, as in a crash, `meanwhile` happens, and it is started again. The moment when it is back. */
async function away({ postgres }: Stage, meanwhile: () => Promise<unknown>): Promise<number> {
  await postgres.end('SIGQUIT');
  await meanwhile();
  await postgres.start();
  return performance.now();
}

const postgresRestarted: Fault = {
  name: 'postgres-restarted',
  title: 'Postgres restart',
  async run({ postgres }) {
    // A fast shutdown: open transactions are rolled back.
    await postgres.end('SIGINT');
    await postgres.start();
    return performance.now();
  },
};

const postgresAway: Fault = {
  name: 'postgres-away',
  title: `Postgres away ${AWAY_MS / 1000} s while calls arrive`,
  run: (stage) => away(stage, () => sleep(AWAY_MS)),
};

const postgresHangs: Fault = {
  name: 'postgres-hangs',
  title: `Postgres hangs ${SHORTER_MS / 1000} s: connections stay open and nothing answers`,
  cannot: () =>
    existsSync('/proc/self/stat') ? null : 'its processes are found in /proc, which is not here',
  async run({ postgres }) {
    postgres.freeze();
    await sleep(SHORTER_MS);
    postgres.thaw();
    return performance.now();
  },
};

const serverKilledMeanwhile: Fault = {
  name: 'postgres-away-server-killed',
  title: `Postgres away ${AWAY_MS / 1000} s; a server killed and restarted meanwhile`,
  run: (stage) =>
    away(stage, async () => {
      await sleep(AWAY_MS / 3);
      await crash(stage.servers[0] as Server);
      await sleep((AWAY_MS * 2) / 3);
    }),
};

const bothAway: Fault = {
  name: 'both-away',
  title: `Postgres and Redis away ${SHORTER_MS / 1000} s, Redis back with nothing kept`,
  run: (stage) =>
    away(stage, async () => {
      await stage.redis.end('SIGKILL');
      await sleep(SHORTER_MS);
      await stage.redis.start();
    }),
};

/** Throws unless events wait in the server's memory because its disk has no room. */
async function inMemoryOnly({ url }: Server): Promise<void> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const count = Number(/^dni_spool_memory_events (\d+)/m.exec(metrics)?.[1]);
  if (!(count > 0)) throw new Error(`the disk was not full: ${count} events in memory only`);
}

const diskFull: Fault = {
  name: 'disk-full',
  title: `Postgres away ${SHORTER_MS / 1000} s and the servers' disk full`,
  cannot: () => (process.getuid?.() === 0 ? null : 'only root can mount a tmpfs'),
  async prepare(folder) {
    const disks = [0, 1].map((at) => join(folder, `disk-${at}`));
    const unmount = disks.map(mountDisk);
    return {
      serverEnv: (at) => ({ DATA_DIR: disks[at] as string }),
      undo: () => {
        for (const one of unmount) one();
      },
    };
  },
  run: (stage) =>
    away(stage, async () => {
      for (const { dataDir } of stage.servers) {
        // What is left of it, whatever that is.
        await writeFile(join(dataDir, 'filler'), Buffer.alloc(1_000_000)).catch(() => {});
      }
      await sleep(SHORTER_MS);
      for (const server of stage.servers) await inMemoryOnly(server);
    }),
};

export const postgresFaults = [
  postgresRestarted,
  postgresHangs,
  postgresAway,
  serverKilledMeanwhile,
  bothAway,
  diskFull,
];
