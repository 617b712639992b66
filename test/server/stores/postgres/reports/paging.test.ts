import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../../../../server/lib/ids.js';
import { createPool } from '../../../../../server/stores/postgres/pool.js';
import { createReportStore } from '../../../../../server/stores/postgres/reports/report-store.js';
import type { CallFilter, ListPosition, ReportStore } from '../../../../../server/stores/reports.js';
import { createDatabase, type TestDatabase } from '../../../../support/database.js';
import { addCall, addSite, addTracker, at } from './rows.js';

type Row = Awaited<ReturnType<typeof addSite>>;

let database: TestDatabase;
let pool: pg.Pool;
let store: ReportStore;
beforeAll(async () => {
  database = await createDatabase();
  pool = createPool({ connection: { connectionString: database.url }, max: 2, onError: () => {} });
  store = createReportStore(pool);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** One of a few moments, some a microsecond apart, so that many calls begin at the same one. */
const moment = fc.constantFrom(
  ...['000000', '000001', '000999', '001000'].map((micro) => `2026-10-01T10:00:00.${micro}Z`),
  '2026-10-01T09:00:00.000000Z',
  '2026-10-02T00:00:00.000000Z',
);
/** Ids of any order, as those of servers whose clocks differ. */
const call = fc.record({ started_at: moment, id: fc.constantFrom('0', '7', 'f') }).map((fields) => ({
  ...fields,
  id: `${fields.id}${newId().slice(1)}`,
}));

const filterOf = (site: Row): CallFilter => ({
  siteId: site.id,
  period: { from: at('2026-10-01T00:00:00Z'), until: at('2026-11-01T00:00:00Z') },
  minConfidence: null,
  spam: 'with',
});

test('the pages of a list have each call that was there once, in order, whatever comes in meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(call, { maxLength: 12 }),
      fc.array(fc.array(call, { maxLength: 3 }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 5 }),
      async (before, meanwhile, limit) => {
        const site = await addSite(pool);
        const tracker = await addTracker(pool, site);
        for (const fields of before) await addCall(pool, tracker, null, fields);
        const filter = filterOf(site);
        const all = (await store.calls(filter, { after: null, limit: 100 })).map(({ call }) => call.id);
        expect(all).toHaveLength(before.length);

        const seen: string[] = [];
        for (let after: ListPosition | null = null, turn = 0; ; turn += 1) {
          const page = await store.calls(filter, { after, limit });
          seen.push(...page.map(({ call }) => call.id));
          if (page.length < limit) break;
          after = page.at(-1)?.position ?? null;
          for (const fields of meanwhile[turn] ?? []) await addCall(pool, tracker, null, fields);
        }
        expect(new Set(seen).size).toBe(seen.length);
        expect(seen.filter((id) => all.includes(id))).toEqual(all);
      },
    ),
    { numRuns: 40 },
  );
});
