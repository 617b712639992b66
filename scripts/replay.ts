// `npm run replay -- --site KEY --from 2026-10-01 --to 2026-10-31`: decides the calls of a period again, by today's rules
// over the facts that were stored with them, and prints what would change. `--apply` keeps the new decisions beside the
// old. The database is that of DATABASE_URL, or the embedded one in DATA_DIR, of which the service must not be running.
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { z } from 'zod';
import { connectDatabase } from '../server/compose/database.js';
import type { Undo } from '../server/compose/undo.js';
import { readConfig } from '../server/config.js';
import { decide } from '../server/domain/attribution/decide.js';
import type { Decision, Facts } from '../server/domain/attribution/facts.js';
import { readFacts, readModel } from '../server/domain/attribution/stored-facts.js';
import { PRIOR } from '../server/domain/attribution/time-model.js';
import { keepDecision } from '../server/domain/calls/attribute.js';
import { resolvePeriod } from '../server/domain/reports/period.js';
import { Problem } from '../server/lib/errors.js';
import { createCallStore } from '../server/stores/postgres/calls.js';
import { migrate } from '../server/stores/postgres/migrate.js';
import { createSettingsStore } from '../server/stores/postgres/settings/settings.js';
import { type Change, describe, differs } from './replay/changes.js';
import { type DecidedCall, decidedCalls, sourcesOf } from './replay/decided-calls.js';

const USAGE = `npm run replay -- --site ID|KEY --from DATE --to DATE
  [--model latest|stored|prior]   how callers behave: as learned last (default), as known at the call, the prior
  [--attribution-days N]          no lease longer ago than this is a candidate
  [--min-confidence N]            what a report credits, instead of the site's
  [--apply]                       keep the new decisions`;

const settingsSchema = z.object({
  site: z.string().min(1),
  from: z.string(),
  to: z.string(),
  model: z.enum(['latest', 'stored', 'prior']).default('latest'),
  'attribution-days': z.coerce.number().int().min(1).max(365).optional(),
  'min-confidence': z.coerce.number().min(0).max(1).optional(),
  apply: z.boolean().default(false),
});

class Refused extends Error {}

function readSettings() {
  const text = { type: 'string' } as const;
  const options = {
    site: text,
    from: text,
    to: text,
    model: text,
    'attribution-days': text,
    'min-confidence': text,
    apply: { type: 'boolean' } as const,
  };
  try {
    return settingsSchema.parse(parseArgs({ options }).values);
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new Refused(`${why}\n${USAGE}`);
  }
}

type Settings = ReturnType<typeof readSettings>;

/** The stored facts, as the settings have them. */
function factsFor(stored: unknown, settings: Settings, latest: Facts['model']): Facts {
  const facts = readFacts(stored);
  const days = settings['attribution-days'];
  const counts = (age: number) => days === undefined || age <= days * 86_400;
  return {
    ...facts,
    model: settings.model === 'prior' ? PRIOR : settings.model === 'latest' ? latest : facts.model,
    leases: facts.leases.filter(({ silent_for }) => counts(silent_for)),
    older: facts.older.filter(({ from }) => counts(from)),
  };
}

async function replay(settings: Settings, undo: Undo): Promise<void> {
  const config = readConfig(process.env);
  const logger = pino({ level: 'warn' }, pino.destination(2));
  const { pool, presence, callPool } = await connectDatabase(config, logger, undo, () => {});
  if (!(await presence.check())) throw new Refused('The database cannot be reached.');
  await migrate(presence.connection);
  const store = createSettingsStore(pool);
  const sites = (await store.read(null)).sites;
  const site = sites.find(({ id, key }) => id === settings.site || key === settings.site);
  if (!site) throw new Refused(`No site has the id or key ${settings.site}.`);
  const period = resolvePeriod({
    start: settings.from,
    end: settings.to,
    zone: site.time_zone,
    now: new Date(),
  });
  const { rows } = await pool.query<{ model: unknown }>(
    'select model from time_models where site_id = $1 order by version desc limit 1',
    [site.id],
  );
  const latest = readModel(rows[0]?.model ?? null);

  const decided: { call: DecidedCall; facts: Facts; decision: Decision }[] = [];
  for await (const call of decidedCalls(pool, site.id, period)) {
    const facts = factsFor(call.facts, settings, latest);
    decided.push({ call: { ...call, facts: null }, facts, decision: decide(facts) });
  }
  const sessions = decided.flatMap(({ decision }) => decision.session_id ?? []);
  const sources = await sourcesOf(pool, site.id, sessions);
  const changeOf = ({ call, facts, decision }: (typeof decided)[number]): Change => ({
    id: call.id,
    started_at: call.started_at,
    before: call,
    after: {
      ...decision,
      source:
        decision.method === 'source'
          ? facts.tracker.source
          : (sources.get(decision.session_id ?? '') ?? null),
    },
  });
  const changed = decided.filter(({ call, decision }) => differs(call, decision));
  const minConfidence = {
    before: site.min_confidence,
    after: settings['min-confidence'] ?? site.min_confidence,
  };
  console.log(describe(decided.map(changeOf), changed.map(changeOf), minConfidence));
  if (!settings.apply) return;

  const calls = createCallStore(callPool);
  for (const { call, facts, decision } of changed) {
    const tracker = await store.tracker(call.tracker_id);
    if (!tracker) continue;
    await calls.withCall({ provider: call.provider, callId: call.provider_call_id }, (transaction) =>
      keepDecision(transaction, {
        id: call.id,
        number: { site, tracker },
        startedAt: call.started_at,
        facts,
        decision,
        priorCalls: call.prior_calls,
      }),
    );
  }
  console.log(`\n${changed.length} new decisions are kept beside the old`);
}

const undo: Undo = [];
try {
  await replay(readSettings(), undo);
} catch (error) {
  if (!(error instanceof Refused || error instanceof Problem)) throw error;
  console.error(error instanceof Problem ? (error.errors?.[0]?.message ?? error.message) : error.message);
  process.exitCode = 2;
} finally {
  for (const step of undo.reverse()) await step();
}
