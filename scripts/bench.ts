// `npm run bench`: requests a second and p99 of (a) a bare Fastify POST, (b) that plus one Lua lease, (c1) views by
// returning visitors with a live lease, (c2) views by new visitors who each get one, in each of the three modes, and c1
// with a small and a large pool; all in one run on this machine. The load comes from this process, so it takes its share
// of the cores in every row alike. Behind each row where the CPU time of a request went, in microseconds.
// `npm run bench -- memory`: the server's memory over half a million views. `-- pools`: (b) and c1 with a small and a large
// pool only, three times in turn.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { v7 } from 'uuid';
import { type CpuTimes, cpuTimes, residentMb } from './bench/cpu.js';
import { type Figures, load } from './bench/load.js';
import { type Mode, startChild, startService, viewBody } from './bench/service.js';
import { findPostgres } from './test/find.mjs';
import { freePort } from './test/free-port.mjs';
import { meetNeeds } from './test/needs.mjs';
import { startPostgres } from './test/postgres.mjs';
import { stopAll } from './test/processes.mjs';
import { startRedis } from './test/redis.mjs';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 8);
/** In the first ten thousand requests a good part of a server's time goes into compiling it. */
const WARM_SECONDS = 6;
const RETURNING = 500;
/** New visitors in one run; the pool is larger. */
const NEW: Record<Mode, number> = { embedded: 1_500, postgres: 4_000, redis: 8_000 };

const rows: { what: string; figures: Figures }[] = [];

/** Loads, and tells what a request cost each process. */
async function measure(what: string, url: string, options: Parameters<typeof load>[1]): Promise<void> {
  const before = cpuTimes();
  const started = performance.now();
  const figures = await load(url, options);
  const requests = (figures.rate * (performance.now() - started)) / 1000;
  report(what, figures, costs(before, cpuTimes(), requests));
}

/** `server 310, postgres 200`: microseconds of CPU time a request. */
function costs(before: CpuTimes | null, after: CpuTimes | null, requests: number): string {
  if (!before || !after) return '';
  const names = ['server', 'postgres', 'redis', 'load'] as const;
  return names
    .map((name) => [name, Math.round(((after[name] - before[name]) * 1000) / requests)] as const)
    .filter(([, cost]) => cost > 0)
    .map(([name, cost]) => `${name} ${cost}`)
    .join(', ');
}

function report(what: string, figures: Figures, cost: string): void {
  rows.push({ what, figures });
  const { rate, p50, p99, wrong } = figures;
  const base = rows.find((row) => row.what.startsWith('(b)'));
  const ratio = base && base.figures !== figures ? `${(rate / base.figures.rate).toFixed(2)} of (b)` : '';
  const cells = [
    what.padEnd(44),
    `${Math.round(rate)}/s`.padStart(8),
    `p50 ${p50} ms`.padStart(10),
    `p99 ${p99} ms`.padStart(10),
    ratio.padStart(11),
    wrong > 0 ? `${wrong} WRONG` : '',
    cost,
  ];
  console.log(cells.filter((cell) => cell !== '').join('  '));
}

async function benchBare(redisUrl: string): Promise<void> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const visitors = Array.from({ length: RETURNING }, () => v7());
  let at = 0;
  const body = () => JSON.stringify({ visitor: visitors[at++ % RETURNING] });
  const isRight = (text: string) => text.includes('"ok":true');
  const script = ['--import', 'tsx', join(import.meta.dirname, 'bench/bare-server.ts')];
  const bare = await startChild(script, { PORT: String(port), REDIS_URL: redisUrl }, async () => {
    const answer = await fetch(`${url}/lease`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: body(),
    });
    return answer.ok;
  });
  for (const [what, path] of [
    ['(a) bare Fastify, JSON POST', '/bare'],
    ['(b) that plus one Lua lease', '/lease'],
  ] as const) {
    await load(`${url}${path}`, { body, isRight, seconds: WARM_SECONDS });
    await measure(what, `${url}${path}`, { body, isRight, seconds: SECONDS });
  }
  await bare.stop();
}

async function benchMode(mode: Mode, stores: Record<string, string>): Promise<void> {
  const service = await startService(mode, { amount: NEW[mode] + RETURNING + 1_000 }, stores);
  if (mode === 'embedded')
    console.log(`embedded: ready ${Math.round(service.readyAfter)} ms after process start (empty)`);
  const events = `${service.url}/v1/events`;
  const isRight = (text: string) => text.includes('"status":"ok"');
  const visitors = Array.from({ length: RETURNING }, () => v7());
  let at = 0;
  const returning = () => viewBody(service.site, visitors[at++ % RETURNING] as string);
  await load(events, { body: returning, isRight, seconds: WARM_SECONDS });
  await measure(`(c1) ${mode}: returning visitors`, events, { body: returning, isRight, seconds: SECONDS });
  const fresh = () => viewBody(service.site, v7());
  await measure(`(c2) ${mode}: new visitors, a lease each`, events, {
    body: fresh,
    isRight,
    amount: NEW[mode],
  });
  await service.stop();
}

/** Returning visitors of a pool of so many numbers, as many as the smallest pool has room for. */
async function benchPool(amount: number, first: number, stores: Record<string, string>): Promise<void> {
  const service = await startService('redis', { amount, first }, stores);
  const isRight = (text: string) => text.includes('"status":"ok"');
  const visitors = Array.from({ length: 90 }, () => v7());
  let at = 0;
  const body = () => viewBody(service.site, visitors[at++ % visitors.length] as string);
  await load(`${service.url}/v1/events`, { body, isRight, seconds: WARM_SECONDS });
  const what = `(c1) redis: a pool of ${amount.toLocaleString('en')} numbers`;
  await measure(what, `${service.url}/v1/events`, { body, isRight, seconds: SECONDS });
  await service.stop();
}

/** The server's memory while half a million views come in. */
async function benchMemory(stores: Record<string, string>): Promise<void> {
  const service = await startService('redis', { amount: 2_000 }, stores);
  const isRight = (text: string) => text.includes('"status":"ok"');
  const visitors = Array.from({ length: 1_000 }, () => v7());
  let at = 0;
  const body = () => viewBody(service.site, visitors[at++ % visitors.length] as string);
  for (let views = 0; views <= 500_000; views += 50_000) {
    console.log(`${views.toLocaleString('en').padStart(8)} views: ${residentMb(service.pid)} MB`);
    if (views < 500_000) await load(`${service.url}/v1/events`, { body, isRight, amount: 50_000 });
  }
  await service.stop();
}

/** What this disk can do: how long a write takes until it is safe. The comparison of all figures with another machine's. */
function printDisk(folder: string): void {
  // The folder on the PATH may hold links to some of the programs only.
  const bin = dirname(realpathSync(join(findPostgres() ?? '', 'initdb')));
  try {
    const output = execFileSync(join(bin, 'pg_test_fsync'), ['-s', '1', '-f', join(folder, 'fsync')], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    console.log(
      `pg_test_fsync: ${output
        .match(/^\s+fdatasync.*$/m)?.[0]
        .trim()
        .replace(/\s+/g, ' ')}`,
    );
  } catch {
    console.log('pg_test_fsync is not there: how fast the disk is, is not known');
  }
}

// No browser takes part.
await meetNeeds({ ...process.env, CHROMIUM: process.execPath });
const folder = mkdtempSync(join(tmpdir(), 'dni-bench-'));
await chmod(folder, 0o711);
try {
  const [postgres, redis] = [await startPostgres(folder), await startRedis(folder)];
  console.log(
    `${cpus().length} cores, ${cpus()[0]?.model}, Node ${process.version}, ${SECONDS} s a row, 50 connections`,
  );
  printDisk(folder);
  const both = { DATABASE_URL: postgres, REDIS_URL: redis };
  if (process.argv.includes('memory')) await benchMemory(both);
  else if (process.argv.includes('pools')) {
    await benchBare(redis);
    for (const turn of [1, 2, 3]) {
      await benchPool(100, turn * 1_000_000, both);
      await benchPool(100_000, turn * 1_000_000 + 500_000, both);
    }
  } else {
    await benchBare(redis);
    await benchMode('redis', both);
    await benchPool(100, 1_000_000, both);
    await benchPool(100_000, 2_000_000, both);
    await benchMode('postgres', { DATABASE_URL: postgres });
    await benchMode('embedded', {});
  }
} finally {
  await stopAll();
  rmSync(folder, { recursive: true, force: true });
}
