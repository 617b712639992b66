// `npm test`: checks, builds, brings what is missing, starts Postgres and Redis, runs vitest, stops everything.
// Arguments go to vitest: `npm test -- test/imports.test.ts`. The last line printed is `N passed, N failed`.
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { count, selectsByName } from './test/count.mjs';
import { findChromium } from './test/find.mjs';
import { meetNeeds } from './test/needs.mjs';
import { postgresAnswers, startPostgres } from './test/postgres.mjs';
import { killAll, run, stopAll } from './test/processes.mjs';
import { redisAnswers, startRedis } from './test/redis.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'dni-test-'));
// Postgres runs as another user when we are root: it must get through to its own folder.
chmodSync(folder, 0o711);

let passed = 0;
let failed = 0;
let finishing = false;

function fail(remark) {
  // What breaks while we stop everything breaks because of that.
  if (finishing) return;
  failed += 1;
  console.log(`FAILED: ${remark}`);
}

/** Stops everything, prints the last line, ends. */
async function finish(code = failed > 0 ? 1 : 0) {
  if (finishing) return;
  finishing = true;
  await stopAll();
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(code);
}

process.on('exit', () => {
  killAll();
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});
function interrupted(by, code) {
  fail(`interrupted by ${by}`);
  finish(code);
}

for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 })) {
  process.on(signal, () => interrupted(signal, code));
}
// npm passes a signal to the shell between us and it, which dies of it and tells us nothing.
const shell = process.ppid;
if (process.env.npm_lifecycle_event) {
  setInterval(() => process.ppid !== shell && interrupted('the end of npm', 143), 500).unref();
}

/** The server named by an environment variable, if it answers, else one of our own. */
async function serverUrl(variable, answers, start) {
  const given = process.env[variable];
  if (!given) return start(folder);
  if (await answers(given)) return given;
  throw new Error(`${variable} is set, but no server answers there.`);
}

async function vitest(env) {
  const outputFile = join(folder, 'report.json');
  const code = await run(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${outputFile}`,
      ...args,
    ],
    { cwd: root, env },
  );
  let report = null;
  try {
    report = JSON.parse(readFileSync(outputFile, 'utf8'));
  } catch {
    // count() says so.
  }
  return count(report, code, selectsByName(args));
}

try {
  if ((await run('npm', ['run', '--silent', 'check'], { cwd: root })) !== 0) fail('npm run check');
  if ((await run(process.execPath, ['scripts/build.mjs'], { cwd: root })) !== 0)
    fail('node scripts/build.mjs');
  await meetNeeds();
  const [database, redis] = await Promise.all([
    // The tests' data need not outlive the machine; a process that is killed loses nothing by it.
    serverUrl('TEST_DATABASE_URL', postgresAnswers, (folder) => startPostgres(folder, ['fsync=off'])),
    serverUrl('TEST_REDIS_URL', redisAnswers, startRedis),
  ]);
  const counted = await vitest({
    ...process.env,
    TEST_DATABASE_URL: database,
    TEST_REDIS_URL: redis,
    CHROMIUM: findChromium(),
    TEST_FOLDER: folder,
  });
  if (!finishing) {
    for (const remark of counted.remarks) console.log(remark);
    passed += counted.passed;
    failed += counted.failed;
  }
} catch (error) {
  fail(error.message);
}
await finish();
