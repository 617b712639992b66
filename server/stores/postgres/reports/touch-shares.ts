import type { AttributionModel } from '../../measures.js';

/** A call is shared out in millionths, in whole numbers: so its parts add up to it. */
export const WHOLE = 1_000_000;

/** The place of a touch is counted from 1 among `amount`; what does not divide goes to the first ones. */
const LINEAR = `${WHOLE} / amount + case when place <= ${WHOLE} % amount then 1 else 0 end`;
const ENDS = 400_000;
const MIDDLE = WHOLE - 2 * ENDS;
const POSITION_BASED = `case
        when amount = 1 then ${WHOLE}
        when amount = 2 then ${WHOLE / 2}
        when place in (1, amount) then ${ENDS}
        else ${MIDDLE} / (amount - 2) + case when place - 1 <= ${MIDDLE} % (amount - 2) then 1 else 0 end
      end`;

/** Which touches share a call, and how much each gets. last_touch is what a call's own row says. */
const SHARES: Record<Exclude<AttributionModel, 'last_touch'>, { among: string; units: string }> = {
  last_click: { among: 'is_last', units: `${WHOLE}` },
  first_touch: { among: 'is_first', units: `${WHOLE}` },
  linear: { among: 'in_window', units: LINEAR },
  position_based: { among: 'in_window', units: POSITION_BASED },
};

/** What a touch says in place of the call's own row. */
const SAID: Record<string, string> = {
  source: 'source',
  medium: 'medium',
  campaign: 'campaign',
  keyword: 'term',
  content: 'content',
  channel: 'channel',
  landing_page: `split_part(split_part(landing_page_url, '#', 1), '?', 1)`,
  referrer_domain: `lower(substring(referring_url from '^[a-zA-Z-]+://(?:www[.])?([^/:?#]+)'))`,
};

/** Whether a model takes what it says from the touches. */
export const isShared = (model: AttributionModel): model is keyof typeof SHARES => model !== 'last_touch';

/**
 * The touches that share a credited call, a row each, as `touch`; to be joined behind `creditedCalls`. A call without
 * touches (a source tracker's, an unknown caller's) keeps its own row, with `touch.units` null.
 */
export function touchesJoined(model: AttributionModel): string {
  if (!isShared(model)) return '';
  const { among, units } = SHARES[model];
  return `
    left join lateral (
      select
        ${Object.keys(SAID)
          .map((column) => `shared.${column}`)
          .join(', ')},
        ${units} as units
      from (
        select
          ${Object.entries(SAID)
            .map(([column, said]) => `${said} as ${column}`)
            .join(',\n          ')},
          count(*) over ()::integer as amount,
          row_number() over (order by position)::integer as place
        from call_touches
        where call_touches.call_id = calls.id
          and ${among}
      ) as shared
    ) as touch on credit.given`;
}

/** What a call counts under in a column, `own` being what its row says. */
export const sharedColumn = (model: AttributionModel, column: string, own: string): string =>
  isShared(model) && column in SAID
    ? `case when touch.units is null then ${own} else touch.${column} end`
    : own;
