import { execFile } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { PRIOR } from '../../server/domain/attribution/time-model.js';
import { type CallSite, type CallWorld, makeCallWorld, type Shown } from '../support/call-world.js';
import { needed } from '../support/needed.js';

const DAY = 86_400;

let world: CallWorld;
let url: string;
let here: CallSite;
let calls = 0;
beforeAll(async () => {
  world = await makeCallWorld();
  const [row] = await world.sql<{ name: string }>('select current_database() as name');
  const own = new URL(needed('TEST_DATABASE_URL'));
  own.pathname = `/${row?.name}`;
  url = own.href;
});
afterAll(() => world.close());
beforeEach(async () => {
  here = await world.makeSite();
});

const dateOf = (at: number) => new Date(at).toISOString().slice(0, 10);

/** Runs the script over the calls of two days until now. */
function replay(...options: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const period = ['--from', dateOf(Date.now() - DAY * 1000), '--to', dateOf(Date.now())];
  const site = options.includes('--site') ? [] : ['--site', here.site.key];
  const { PATH, HOME, TMPDIR } = process.env;
  const env = { PATH, HOME, TMPDIR, DATABASE_URL: url, ADMIN_KEY: 'a-key-for-this-test-only' };
  const script = ['--import', 'tsx', 'scripts/replay.ts', ...site, ...period, ...options];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, script, { env }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

interface Stored {
  method: string;
  visitor_id: string | null;
  session_id: string | null;
  confidence: number;
  source: string | null;
}
const decisions = (id: string) =>
  world.sql<Stored>(
    'select method, visitor_id, confidence from attributions where call_id = $1 order by decided_at, id',
    [id],
  );
const callOf = async (id: string) =>
  (
    await world.sql<Stored>(
      'select method, visitor_id, session_id, confidence, source from calls where id = $1',
      [id],
    )
  )[0];
const start = () => world.start({ call_id: `replayed-${calls++}`, to: here.number });

/** As if rules of before had said that it was nobody's. */
async function forget(id: string): Promise<void> {
  for (const [table, column] of [
    ['attributions', 'call_id'],
    ['calls', 'id'],
  ]) {
    await world.sql(
      `update ${table} set method = 'unknown', visitor_id = null, session_id = null, confidence = 0 where ${column} = $1`,
      [id],
    );
  }
  await world.sql('update calls set source = null where id = $1', [id]);
}

it('tells what today’s rules decide otherwise; --apply keeps it beside the old, after which nothing differs', async () => {
  const shown: Shown = await world.visitor(here, { shown: 600, silent: 300 });
  const [kept, changed] = [await start(), await start()];
  await forget(changed.id);

  const told = await replay();
  expect(told).toMatchObject({ code: 0, stderr: '' });
  expect(told.stdout).toContain('2 calls, 1 decided otherwise');
  expect(told.stdout).toMatch(/^unknown +1 +0 {2}-1$/m);
  expect(told.stdout).toMatch(/^recency +1 +2 {2}\+1$/m);
  expect(told.stdout).toMatch(/^google +1 +2 {2}\+1$/m);
  expect(told.stdout).toContain(`${changed.id}  nobody (unknown, 0.00) -> ${shown.visitorId} (recency, `);
  expect(told.stdout).not.toContain(kept.id);
  expect(await decisions(changed.id)).toHaveLength(1);
  expect(await callOf(changed.id)).toMatchObject({ method: 'unknown', visitor_id: null, source: null });

  const applied = await replay('--apply');
  expect(applied.stdout).toContain('1 new decisions are kept beside the old');
  const decided = { method: 'recency', visitor_id: shown.visitorId };
  expect(await decisions(changed.id)).toMatchObject([{ method: 'unknown', visitor_id: null }, decided]);
  expect(await callOf(changed.id)).toMatchObject({
    ...decided,
    session_id: shown.sessionId,
    source: 'google',
  });
  expect(await decisions(kept.id)).toHaveLength(1);
  expect((await replay()).stdout).toContain('2 calls, 0 decided otherwise');
}, 60_000);

it('by the model that is asked for: the latest, unless told another', async () => {
  await world.visitor(here, { shown: 2 * 3600, silent: 3600 });
  await start();
  // Callers who call within moments or not at all.
  const model = {
    ...PRIOR,
    version: 1,
    after: PRIOR.after.map((calls, at) => (at < 3 ? calls : 0)),
    stray: 1e-4,
  };
  await world.sql(
    `insert into time_models (site_id, version, learned_at, since, calls, model)
    values ($1, 1, clock_timestamp(), clock_timestamp(), 100, $2)`,
    [here.site.id, JSON.stringify(model)],
  );
  const { stdout } = await replay();
  expect(stdout).toContain('1 calls, 1 decided otherwise');
  expect(stdout).toMatch(/^unknown +0 +1 {2}\+1$/m);
  expect((await replay('--model', 'prior')).stdout).toContain('1 calls, 0 decided otherwise');
}, 60_000);

it('with a shorter attribution window, calls of long after are nobody’s; those of soon after stay', async () => {
  await world.visitor(here, { shown: 3 * DAY, silent: 2 * DAY });
  const late = await start();
  expect(late.attribution.method).toBe('recency');
  await world.visitor(here, { shown: 60, silent: 30 });
  await start();
  const { stdout } = await replay('--attribution-days', '1');
  expect(stdout).toContain('2 calls, 1 decided otherwise');
  expect(stdout).toContain(`${late.id}  `);
}, 60_000);

it('is refused with code 2 for a site that there is not', async () => {
  const { code, stderr, stdout } = await replay('--site', 'nowhere');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('No site has the id or key nowhere.');
}, 60_000);
