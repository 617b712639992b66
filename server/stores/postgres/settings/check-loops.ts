import { type FieldError, Problem } from '../../../lib/errors.js';
import type { Client } from '../pool.js';
import { rows } from './rows.js';

/**
 * One change at a time to the pools of a site: two that fit what is there need not fit each other. Before any other
 * row, and several sites in the order of their ids, so that no two transactions wait for each other.
 */
export const lockSites = (client: Client, ...siteIds: string[]) =>
  client.query('select from sites where id = any($1) order by id for no key update', [siteIds]);

interface Loop {
  number: string;
  /** The tracker whose number it is, and the one that has it as a target or as its destination. */
  owner_id: string;
  shown_by: string;
  is_destination: boolean;
}

/**
 * A tracking number that is also a target or a destination within its site would be swapped for another, or calls to
 * it would go round for ever. Looks at what the transaction has written of one tracker, or of one number; `pathOf` says
 * which field is to blame.
 */
export async function refuseLoops(
  client: Client,
  siteId: string,
  changed: { trackerId: string } | { number: string },
  pathOf: (loop: Loop) => string,
): Promise<void> {
  const loops = await rows<Loop>(
    client,
    `select
      numbers.number,
      numbers.tracker_id as owner_id,
      trackers.id as shown_by,
      trackers.destination = numbers.number as is_destination
    from trackers
    cross join lateral unnest(trackers.targets || trackers.destination) as shown(number)
    join numbers on numbers.number = shown.number
    where trackers.site_id = $1
      and trackers.retired_at is null
      and numbers.site_id = $1
      and numbers.retired_at is null
      and ($2::uuid in (trackers.id, numbers.tracker_id) or numbers.number = $3)
    limit 20`,
    [siteId, 'trackerId' in changed ? changed.trackerId : null, 'number' in changed ? changed.number : null],
  );
  if (loops.length === 0) return;
  throw new Problem(
    'invalid_request',
    'A tracking number cannot be a target or the destination of a tracker of its site.',
    loops.map((loop): FieldError => {
      const use = loop.is_destination ? 'the destination' : 'a target';
      return { path: pathOf(loop), message: `${loop.number} is a tracking number and ${use} of a tracker` };
    }),
  );
}

/** The field of a tracker that is to blame. */
export const fieldOf =
  (trackerId: string, numbers: string[]) =>
  (loop: Loop): string => {
    if (loop.shown_by === trackerId) return loop.is_destination ? 'destination' : 'targets';
    return `numbers.${numbers.indexOf(loop.number)}`;
  };
