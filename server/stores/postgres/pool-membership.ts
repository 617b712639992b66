import { Problem } from '../../lib/errors.js';
import type { Tracker, TrackingNumber } from '../settings.js';
import { END_LEASES } from './lease-history.js';
import type { Client } from './pool.js';

const COLUMNS = 'number, site_id, tracker_id, created_at, retired_at';

/** Lease stores compare this count with what they loaded. */
const countChange = (client: Client, trackerIds: string[]) =>
  client.query('update trackers set pool_version = pool_version + 1 where id = any($1)', [trackerIds]);

/**
 * Puts numbers into a tracker. One that was retired comes back with its promise and rest intact: a browser may still
 * be showing it. One in use elsewhere throws `number_in_use`, and so does one that another site has retired, for as long
 * as its calls are that site's; `fromAnySite` is for who may take it from there.
 */
export async function addNumbers(
  client: Client,
  numbers: string[],
  tracker: Pick<Tracker, 'id' | 'site_id'>,
  fromAnySite = false,
): Promise<TrackingNumber[]> {
  if (numbers.length === 0) return [];
  const { rows } = await client.query<TrackingNumber>(
    `insert into numbers (number, site_id, tracker_id, created_at, last_seen_at, promised_until, reserved_until)
    select number, $2, $3, clock_timestamp(), '-infinity', '-infinity', '-infinity'
    from unnest($1::text[]) as wanted(number)
    order by number
    on conflict (number) do update
    set site_id = excluded.site_id,
      tracker_id = excluded.tracker_id,
      created_at = excluded.created_at,
      retired_at = null,
      visitor_id = null
    where numbers.retired_at is not null
      and ($4 or numbers.site_id = excluded.site_id or not exists (
        select
        from trackers
        where trackers.id = numbers.tracker_id
          and numbers.retired_at + make_interval(hours => 24 * trackers.attribution_days) > clock_timestamp()
      ))
    returning ${COLUMNS}`,
    [numbers, tracker.site_id, tracker.id, fromAnySite],
  );
  const added = new Set(rows.map((row) => row.number));
  const taken = numbers.filter((number) => !added.has(number));
  if (taken.length > 0) {
    throw new Problem(
      'number_in_use',
      'A number belongs to one tracker at a time; take it out of the other first, and to give it to another site move it.',
      taken
        .slice(0, 20)
        .map((number) => ({ path: `numbers.${numbers.indexOf(number)}`, message: `${number} is in use` })),
    );
  }
  await countChange(client, [tracker.id]);
  return rows;
}

/** Retires numbers: never leased again, their leases end, calls to them are still routed and attributed. */
export async function removeNumbers(client: Client, numbers: string[]): Promise<void> {
  if (numbers.length === 0) return;
  // In their order first, as everywhere, so that no two transactions wait for each other.
  await client.query('select from numbers where number = any($1) order by number for update', [numbers]);
  const { rows } = await client.query<TrackingNumber>(
    `update numbers
    set retired_at = clock_timestamp()
    where number = any($1)
      and retired_at is null
    returning ${COLUMNS}`,
    [numbers],
  );
  await client.query(
    `${END_LEASES}
    where leases.number = any($1)
      and leases.ended_at is null`,
    [numbers, 'removed', null],
  );
  await countChange(client, [...new Set(rows.map((row) => row.tracker_id))]);
}
