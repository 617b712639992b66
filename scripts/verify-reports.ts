// `npm run verify:reports`: recomputes from the rows of DATABASE_URL what reports say, site by site, and compares: sessions
// counted by the day against the sessions, summaries against the list of calls counted one by one, and the parts of each
// model against the whole. Reads only. Ends with 1 where anything differs; VERIFY_DAYS: how far back (100).
import { everyCall } from '../server/domain/reports/calls.js';
import type { AttributionModel, Metrics } from '../server/stores/measures.js';
import { createPool, type Pool } from '../server/stores/postgres/pool.js';
import { createReportStore } from '../server/stores/postgres/reports/report-store.js';
import type { CallFilter, ReportedCall } from '../server/stores/reports.js';

const MODELS: AttributionModel[] = ['last_touch', 'last_click', 'first_touch', 'linear', 'position_based'];
const ADDING = [
  'sessions',
  'calls',
  'answered_calls',
  'missed_calls',
  'first_time_callers',
  'unknown_calls',
  'value',
] as const;

interface Site {
  id: string;
  name: string;
  time_zone: string;
  qualified_seconds: number;
}

/** Days whose counts are not what the sessions say, but for those that something was written into since. */
async function wrongDays(pool: Pool, { id }: Site): Promise<string[]> {
  const { rows } = await pool.query<{ day: Date; by_keyword: boolean; counted: number; there: number }>(
    `with day as (
      select starts_at, ends_at
      from counted_days
      where site_id = $1
        and not exists (
          select
          from late_sessions
          where late_sessions.site_id = counted_days.site_id
            and late_sessions.hour > counted_days.starts_at - interval '1 hour'
            and late_sessions.hour < counted_days.ends_at
        )
    ),
    level as (select * from (values (false), (true)) as level (by_keyword)),
    counted as (
      select starts_at, by_keyword, source, medium, campaign, keyword, channel, device_type, sum(sessions) as sessions
      from session_days
      where site_id = $1
      group by 1, 2, 3, 4, 5, 6, 7, 8
    ),
    there as (
      select
        day.starts_at, level.by_keyword, source, medium, campaign, case when level.by_keyword then term end as keyword,
        channel, device_type, count(*) as sessions
      from day
      join sessions on sessions.site_id = $1
        and sessions.started_at >= day.starts_at
        and sessions.started_at < day.ends_at
      cross join level
      group by 1, 2, 3, 4, 5, 6, 7, 8
    ),
    compared as (
      select starts_at, by_keyword, sum(counted) as counted, sum(there) as there
      from (
        select *, sessions as counted, 0 as there from counted where starts_at in (select starts_at from day)
        union all
        select *, 0, sessions from there
      ) as rows
      group by starts_at, by_keyword, source, medium, campaign, keyword, channel, device_type
    )
    select starts_at as day, by_keyword, sum(counted)::bigint as counted, sum(there)::bigint as there
    from compared
    where counted <> there
    group by 1, 2
    order by 1, 2`,
    [id],
  );
  return rows.map(
    ({ day, by_keyword, counted, there }) =>
      `${day.toISOString()}${by_keyword ? ' by keyword' : ''}: ${counted} sessions counted, ${there} there`,
  );
}

/** What a call adds to each metric, as its fields are listed. */
function added(call: ReportedCall, site: Site): Partial<Metrics> {
  return {
    calls: 1,
    answered_calls: call.answered ? 1 : 0,
    missed_calls: call.answered || call.status === 'in_progress' ? 0 : 1,
    first_time_callers: call.first_call ? 1 : 0,
    qualified_calls:
      call.answered && (call.talk_time ?? call.duration ?? -1) >= site.qualified_seconds ? 1 : 0,
    value: call.value ?? 0,
  };
}

const isSame = (a: number, b: number): boolean => Math.abs(a - b) < 1e-6;

async function differences(pool: Pool, site: Site, filter: CallFilter): Promise<string[]> {
  const reports = createReportStore(pool);
  const found = await wrongDays(pool, site);
  const listed = new Map<string, Partial<Metrics>>();
  for await (const call of await everyCall({ reports }, { filter } as never, null)) {
    const key = JSON.stringify([call.source, call.medium, call.campaign]);
    const before = listed.get(key) ?? {};
    const more = added(call, site);
    listed.set(
      key,
      Object.fromEntries(
        Object.entries(more).map(([name, amount]) => [
          name,
          (before[name as keyof Metrics] ?? 0) + (amount ?? 0),
        ]),
      ),
    );
  }
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
      for (const name of Object.keys(added({} as ReportedCall, site)) as (keyof Metrics)[]) {
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
  const { rows: sites } = await pool.query<Site>(
    'select id, name, time_zone, qualified_seconds from sites order by id',
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
