// `npm run bench`: requests a second and p99 of (a) a bare Fastify POST, (b) that plus one Lua lease, (c1) views by
// returning visitors with a live lease, (c2) views by new visitors who each get one, in each of the three modes, all in
// one run on this machine. The load comes from this process, so it takes its share of the cores in every row alike.
import { mkdtempSync, rmSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 } from 'uuid';
import { type Figures, load } from './bench/load.js';
import { type Mode, startChild, startService, viewBody } from './bench/service.js';
import { freePort } from './test/free-port.mjs';
import { meetNeeds } from './test/needs.mjs';
import { startPostgres } from './test/postgres.mjs';
import { stopAll } from './test/processes.mjs';
import { startRedis } from './test/redis.mjs';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 8);
const RETURNING = 500;
/** New visitors in one run; the pool is larger. */
const NEW: Record<Mode, number> = { embedded: 1_500, postgres: 4_000, redis: 8_000 };

const rows: { what: string; figures: Figures }[] = [];

function report(what: string, figures: Figures): void {
  rows.push({ what, figures });
  const { rate, p50, p99, wrong } = figures;
  const base = rows.find((row) => row.what.startsWith('(b)'));
  const ratio = base && base.figures !== figures ? `${(rate / base.figures.rate).toFixed(2)} of (b)` : '';
  const cells = [
    what.padEnd(44),
    `${Math.round(rate)}/s`.padStart(10),
    `p50 ${p50} ms`.padStart(12),
    `p99 ${p99} ms`.padStart(12),
    wrong > 0 ? `${wrong} WRONG` : '',
    ratio,
  ];
  console.log(cells.join('  ').trimEnd());
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
    await load(`${url}${path}`, { body, isRight, seconds: 2 });
    report(what, await load(`${url}${path}`, { body, isRight, seconds: SECONDS }));
  }
  await bare.stop();
}

async function benchMode(mode: Mode, stores: Record<string, string>): Promise<void> {
  const service = await startService(mode, NEW[mode] + RETURNING + 1_000, stores);
  if (mode === 'embedded')
    console.log(`embedded: ready ${Math.round(service.readyAfter)} ms after process start (empty)`);
  const events = `${service.url}/v1/events`;
  const isRight = (text: string) => text.includes('"status":"ok"');
  const visitors = Array.from({ length: RETURNING }, () => v7());
  let at = 0;
  const returning = () => viewBody(service.site, visitors[at++ % RETURNING] as string);
  await load(events, { body: returning, isRight, amount: RETURNING * 4 });
  report(
    `(c1) ${mode}: returning visitors`,
    await load(events, { body: returning, isRight, seconds: SECONDS }),
  );
  const fresh = () => viewBody(service.site, v7());
  report(
    `(c2) ${mode}: new visitors, a lease each`,
    await load(events, { body: fresh, isRight, amount: NEW[mode] }),
  );
  await service.stop();
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
  await benchBare(redis);
  await benchMode('redis', { DATABASE_URL: postgres, REDIS_URL: redis });
  await benchMode('postgres', { DATABASE_URL: postgres });
  await benchMode('embedded', {});
} finally {
  await stopAll();
  rmSync(folder, { recursive: true, force: true });
}
