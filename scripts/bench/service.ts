import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../test/free-port.mjs';
import { ended, start } from '../test/processes.mjs';

export type Mode = 'embedded' | 'postgres' | 'redis';

const ADMIN_KEY = 'a-key-for-the-benchmark-only';
const TARGET = '+12025550100';
const PREFIX: Record<Mode, number> = { embedded: 996, postgres: 997, redis: 998 };

/** All load is one address's. */
export const UNLIMITED = { RATE_LIMIT: '0', SITE_RATE_LIMIT: '0', LEASE_LIMIT: '0', SITE_LEASE_LIMIT: '0' };

export interface Service {
  url: string;
  /** Milliseconds from the start of the process until it answered /readyz. */
  readyAfter: number;
  pid: number;
  site: string;
  stop: () => Promise<void>;
}

/** Starts a child process and resolves when `isUp` says so. `errors`: the open file that its stderr goes to, else ours. */
export async function startChild(
  script: string[],
  env: Record<string, string>,
  isUp: () => Promise<boolean>,
  errors: number | 'inherit' = 'inherit',
): Promise<{ child: ChildProcess; readyAfter: number; stop: () => Promise<void> }> {
  const before = performance.now();
  const child = start(process.execPath, script, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'ignore', errors],
  });
  const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  while (!(await isUp().catch(() => false))) {
    if (ended(child)) throw new Error(`${script.join(' ')} ended with ${child.exitCode ?? child.signalCode}`);
    await sleep(20);
  }
  return {
    child,
    readyAfter: performance.now() - before,
    stop: async () => {
      child.kill('SIGTERM');
      await exit;
    },
  };
}

async function post<T>(url: string, body: unknown): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/**
 * The built service in one mode, with a site whose pool has so many numbers, counted from `first`: a number belongs to
 * one tracker, and services share a database. Limits are off: all load is one address's.
 */
export async function startService(
  mode: Mode,
  numbers: { amount: number; first?: number },
  stores: Record<string, string>,
): Promise<Service> {
  const dataDir = mkdtempSync(join(tmpdir(), 'dni-bench-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    PORT: String(port),
    DATA_DIR: dataDir,
    ADMIN_KEY,
    DEMO: '0',
    ...UNLIMITED,
    LOG_LEVEL: 'warn',
    ...stores,
  };
  const { child, readyAfter, stop } = await startChild(
    [join(import.meta.dirname, '../../dist/server/main.js')],
    env,
    async () => (await fetch(`${url}/readyz`)).ok,
  );
  const site = await post<{ id: string; key: string }>(`${url}/v1/sites`, { name: `bench ${mode}` });
  await post(`${url}/v1/trackers`, {
    site_id: site.id,
    name: 'pool',
    type: 'session',
    targets: [TARGET],
    destination: TARGET,
    numbers: Array.from(
      { length: numbers.amount },
      (_, at) => `+1${PREFIX[mode]}${String(at + (numbers.first ?? 0)).padStart(7, '0')}`,
    ),
  });
  return {
    url,
    readyAfter,
    pid: child.pid as number,
    site: site.key,
    stop: async () => {
      await stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A view of a page of the site, as the snippet sends it. */
export const viewBody = (site: string, visitor: string): string =>
  JSON.stringify({
    type: 'view',
    site,
    visitor,
    page: {
      url: 'https://shop.example/boilers?utm_source=google&utm_medium=cpc&utm_campaign=winter',
      referrer: '',
    },
    found: [TARGET],
  });
