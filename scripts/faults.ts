// `npm run faults`: breaks what the service stands on, one thing after another, under load, and prints what became of
// what it had promised. Real servers, Postgres and Redis on loopback. Names of faults as arguments: only those.
// Ends with 1 if anything was lost, given away, booked twice or not routed, or did not recover.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fault } from './faults/fault.js';
import { postgresFaults } from './faults/list/postgres.js';
import { redisFaults } from './faults/list/redis.js';
import { serverFaults } from './faults/list/servers.js';
import { complaints, type LoadOptions, runFault } from './faults/run.js';
import { actor } from './faults/stage.js';
import { type Row, table } from './faults/table.js';
import { FAULT_NEEDS, meetNeeds } from './test/needs.mjs';
import { makePostgres } from './test/postgres.mjs';
import { killAll, stopAll } from './test/processes.mjs';

const FAULTS: Fault[] = [...serverFaults, ...redisFaults, ...postgresFaults];

/** More browsers than the pool has numbers. */
const LOAD: LoadOptions = { browsers: 45, patience: 1, before: 8_000, after: 10_000 };

function chosen(names: string[]): Fault[] {
  const unknown = names.find((name) => !FAULTS.some((fault) => fault.name === name));
  if (unknown) {
    console.error(`There is no fault ${unknown}. These are: ${FAULTS.map(({ name }) => name).join(', ')}`);
    process.exit(1);
  }
  return names.length === 0 ? FAULTS : FAULTS.filter(({ name }) => names.includes(name));
}

const faults = chosen(process.argv.slice(2));
await meetNeeds(process.env, FAULT_NEEDS);
const folder = mkdtempSync(join(tmpdir(), 'dni-faults-'));
// Postgres runs as another user when we are root: it must get through to its own folder.
chmodSync(folder, 0o711);
process.on('exit', killAll);
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => process.exit(1));

const rows: Row[] = [];
let isFine = true;
const made = await makePostgres(folder);
const postgres = { ...made, ...actor(made.start) };
await postgres.start();
for (const fault of faults) {
  const obstacle = fault.cannot?.() ?? null;
  console.log(`${fault.name}: ${obstacle ? `skipped, ${obstacle}` : fault.title}`);
  if (obstacle) {
    rows.push({ title: fault.title, outcome: obstacle });
    continue;
  }
  const outcome = await runFault(fault, { folder, postgres, ...LOAD });
  rows.push({ title: fault.title, outcome });
  const wrong = complaints(outcome);
  isFine &&= wrong.length === 0;
  const { requests, calls, routeP99, recovered } = outcome;
  console.log(
    `  ${requests} requests, ${calls} calls, routed within ${Math.round(routeP99)} ms (99 of 100), recovered ` +
      `${recovered === null ? 'never' : `after ${recovered.toFixed(1)} s`}: ${wrong.length === 0 ? 'passed' : 'FAILED'}`,
  );
  for (const complaint of wrong) console.log(`  ${complaint}`);
}
await stopAll();
console.log(`\n${table(rows)}`);
if (isFine) rmSync(folder, { recursive: true, force: true });
else console.log(`\nThe logs are in ${folder}`);
process.exit(isFine ? 0 : 1);
