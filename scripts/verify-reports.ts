// `npm run verify:reports`: recomputes from the rows of DATABASE_URL what reports say, site by site, and compares: what was
// counted by the day and the month against the rows, summaries against the calls and forms counted one by one, and the parts
// of each model against the whole. Reads only. Ends with 1 where anything differs; VERIFY_DAYS: how far back (100).

import { everyCall } from '../server/domain/reports/calls.js';
import type { AttributionModel } from '../server/stores/measures.js';
import { createPool, type Pool } from '../server/stores/postgres/pool.js';
import { createReportStore } from '../server/stores/postgres/reports/report-store.js';
import type { CallFilter, ReportedCall } from '../server/stores/reports.js';
import { ADDING } from './verify/adding.js';
import { type VerifiedSite, wrongCounts } from './verify/counts.js';

const MODELS: AttributionModel[] = ['last_touch', 'last_click', 'first_touch', 'linear', 'position_based'];
const NOTHING = {
  calls: 0,
  unique_calls: 0,
  answered_calls: 0,
  missed_calls: 0,
  first_time_callers: 0,
  qualified_calls: 0,
  value: 0,
};

type Listed = typeof NOTHING & { callers: Set<string> };

/** Metrics with a call more, as its fields are listed. */
function withCall({ callers, ...before }: Listed, call: ReportedCall, site: VerifiedSite): typeof NOTHING {
  const talked = call.talk_time ?? call.duration ?? -1;
  callers.add(call.customer_phone_number ?? call.id);
  return {
    calls: before.calls + 1,
    unique_calls: callers.size,
    answered_calls: before.answered_calls + (call.answered ? 1 : 0),
    missed_calls: before.missed_calls + (call.answered || call.status === 'in_progress' ? 0 : 1),
    first_time_callers: before.first_time_callers + (call.first_call ? 1 : 0),
    qualified_calls: before.qualified_calls + (call.answered && talked >= site.qualified_seconds ? 1 : 0),
    value: before.value + (call.value ?? 0),
  };
}

/** What forms add to the value, by the source of the visit that sent them. */
async function addForms(
  pool: Pool,
  { siteId, period }: CallFilter,
  listed: Map<string, Listed>,
): Promise<void> {
  const { rows } = await pool.query<{ source: string; medium: string; campaign: string; value: number }>(
    `select coalesce(sessions.source, '(unknown)') as source, sessions.medium, sessions.campaign, sum(leads.value) as value
    from leads
    left join sessions on sessions.id = leads.session_id
    where leads.site_id = $1
      and leads.created_at >= $2
      and leads.created_at < $3
      and leads.value is not null
    group by 1, 2, 3`,
    [siteId, period.from, period.until],
  );
  for (const { source, medium, campaign, value } of rows) {
    const key = JSON.stringify([source, medium, campaign]);
    const before = listed.get(key) ?? { ...NOTHING, callers: new Set() };
    listed.set(key, { ...before, value: before.value + value });
  }
}

const isSame = (a: number, b: number): boolean => Math.abs(a - b) < 1e-6;

async function differences(pool: Pool, site: VerifiedSite, filter: CallFilter): Promise<string[]> {
  const reports = createReportStore(pool);
  const found = await wrongCounts(pool, site);
  const listed = new Map<string, Listed>();
  for await (const call of await everyCall({ reports }, { filter } as never, null)) {
    const key = JSON.stringify([call.source, call.medium, call.campaign]);
    const before = listed.get(key) ?? { ...NOTHING, callers: new Set() };
    listed.set(key, { ...withCall(before, call, site), callers: before.callers });
  }
  await addForms(pool, filter, listed);
  for (const model of MODELS) {
    const { total, groups } = await reports.measure(filter, {
      columns: ['source', 'medium', 'campaign'],
      starts: null,
      areDays: true,
      zone: site.time_zone,
      model,
      unique: { days: null, per: 'site' },
    });
    for (const metric of ADDING) {
      const sum = groups.reduce((before, { metrics }) => before + metrics[metric], 0);
      if (!isSame(sum, total[metric]))
        found.push(`${model}: the parts of ${metric} make ${sum}, not ${total[metric]}`);
    }
    if (model !== 'last_touch') continue;
    const { rows } = await pool.query<{ sessions: number }>(
      'select count(*) as sessions from sessions where site_id = $1 and started_at >= $2 and started_at < $3',
      [site.id, filter.period.from, filter.period.until],
    );
    if (rows[0]?.sessions !== total.sessions)
      found.push(`${total.sessions} sessions, ${rows[0]?.sessions} there`);
    const reported = new Map(
      groups.map(({ keys, metrics }) => [JSON.stringify([keys.source, keys.medium, keys.campaign]), metrics]),
    );
    for (const key of new Set([...listed.keys(), ...reported.keys()])) {
      for (const name of Object.keys(NOTHING) as (keyof typeof NOTHING)[]) {
        const [said, there] = [reported.get(key)?.[name] ?? 0, listed.get(key)?.[name] ?? 0];
        if (!isSame(said, there)) found.push(`${key}: ${name} ${said}, in the list ${there}`);
      }
    }
  }
  return found;
}

const url = process.env.DATABASE_URL;
if (!url) throw new Error('DATABASE_URL must say which database.');
const pool = createPool({
  connection: { connectionString: url },
  max: 1,
  setUp: 'set default_transaction_read_only = on; set statement_timeout = 0',
  onError: (error) => {
    throw error;
  },
});
try {
  const days = Number(process.env.VERIFY_DAYS ?? 100);
  // The last hour aside: calls go on.
  const until = new Date(Date.now() - 3_600_000);
  const from = new Date(until.getTime() - days * 86_400_000);
  const { rows: sites } = await pool.query<VerifiedSite>(
    'select id, name, time_zone, min_confidence, qualified_seconds from sites order by id',
  );
  let wrong = 0;
  for (const site of sites) {
    const found = await differences(pool, site, {
      siteId: site.id,
      period: { from, until },
      minConfidence: null,
      spam: 'without',
    });
    wrong += found.length;
    for (const line of found) console.log(`${site.name} (${site.id}): ${line}`);
  }
  console.log(
    `${sites.length} sites, ${days} days: ${wrong === 0 ? 'reports agree with the rows' : `${wrong} differences`}`,
  );
  process.exitCode = wrong === 0 ? 0 : 1;
} finally {
  await pool.end();
}
