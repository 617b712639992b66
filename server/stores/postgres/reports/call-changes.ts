import type { CallChange, CallChangeStore, ChangePosition } from '../../call-changes.js';
import type { Queryable } from '../pool.js';
import { readCalls } from './call-rows.js';
import { parameters } from './parameters.js';

const MOST_AT_ONCE = 500;
const PRUNED_AT_ONCE = 10_000;

const COLUMNS = 'written_by as transaction, id::text, site_id, call_id, type';

// Every transaction before the snapshot's xmin is over, so what it wrote is visible or never will be. What is visible
// after that may still have something slip in before it. A row of a transaction that this server has not begun yet is
// one of another server, of which this database is a copy.
const AFTER = `select change.*, change.transaction < now.settled as is_settled, now.settled
  from (
    select pg_snapshot_xmin(snapshot) as settled, pg_snapshot_xmax(snapshot) as unborn
    from pg_current_snapshot() as snapshot
  ) as now
  left join lateral (
    select ${COLUMNS}
    from call_changes
    where (written_by, id) > ($1::xid8, $2::bigint)
      and written_by < now.unborn
      and id <> all($3::bigint[])
    order by written_by, call_changes.id
    limit $4
  ) as change on true
  order by change.transaction, change.id::bigint`;

const BETWEEN = `select ${COLUMNS}, true as is_settled
  from call_changes
  where (written_by, id) > ($1::xid8, $2::bigint)
    and (written_by, id) <= ($3::xid8, $4::bigint)
    and ($5::uuid is null or site_id = $5)
  order by written_by, call_changes.id
  limit $6`;

type AfterRow = { settled: string } & (CallChange | { id: null });

/**
 * Changes of calls in Postgres. `live` is asked again and again and must answer quickly; `past` is read by those who
 * were away.
 */
export function createCallChangeStore(live: Queryable, past: Queryable): CallChangeStore {
  async function after(position: ChangePosition, known: string[]) {
    const { rows } = await live.query<AfterRow>(AFTER, [
      position.transaction,
      position.id,
      known,
      MOST_AT_ONCE,
    ]);
    const { settled } = rows[0] as AfterRow;
    const changes = rows.flatMap(({ settled: _, ...row }) => (row.id === null ? [] : [row]));
    const last = changes.at(-1);
    const isAll = changes.length < MOST_AT_ONCE;
    // What is not settled comes last, so where it is there, all that is settled is too.
    const isCut = !isAll && last?.is_settled;
    return {
      changes,
      position: isCut ? { transaction: last.transaction, id: last.id } : { transaction: settled, id: '0' },
      isAll,
    };
  }
  return {
    async now() {
      const { rows } = await live.query<ChangePosition>(
        "select pg_snapshot_xmin(pg_current_snapshot()) as transaction, '0' as id",
      );
      return rows[0] as ChangePosition;
    },
    after,
    async between(from, to, siteId, limit) {
      const { rows } = await past.query<CallChange>(BETWEEN, [
        from.transaction,
        from.id,
        to.transaction,
        to.id,
        siteId,
        limit,
      ]);
      return rows;
    },
    async calls(ids) {
      const given = parameters();
      const own = given.add(null);
      const chosen = `select id from calls where id = any(${given.add(ids)}::uuid[])`;
      return (await readCalls(live, given, chosen, own)).map(({ call }) => call);
    },
    async prune(days) {
      let pruned = 0;
      for (;;) {
        const { rowCount } = await past.query(
          `delete from call_changes
          where (written_by, id) in (
            select written_by, id
            from call_changes
            where changed_at < clock_timestamp() - make_interval(days => $1)
            order by changed_at
            limit $2
            for update skip locked
          )`,
          [days, PRUNED_AT_ONCE],
        );
        pruned += rowCount ?? 0;
        if ((rowCount ?? 0) < PRUNED_AT_ONCE) return pruned;
      }
    },
  };
}
