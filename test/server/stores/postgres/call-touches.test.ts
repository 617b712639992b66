import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { keepTouches } from '../../../../server/stores/postgres/call-touches.js';
import { type CallSite, type CallWorld, makeCallWorld } from '../../../support/call-world.js';
import { addCall, addSession, addSite, addTouch, addTracker, at } from './reports/rows.js';

type Row = Awaited<ReturnType<typeof addSite>>;

let world: CallWorld;
let site: Row;
let tracker: Row;
beforeAll(async () => {
  world = await makeCallWorld();
  site = await addSite(world.pool);
  tracker = await addTracker(world.pool, site, { attribution_days: 30 });
});
afterAll(() => world.close());

const DAY = 86_400_000;
const CALL = at('2026-10-01T10:00:00Z');
const daysBefore = (days: number) => new Date(CALL.getTime() - days * DAY);

interface Kept {
  position: number;
  source: string;
  touched_at: Date;
  visitor_id: string;
  in_window: boolean;
  is_first: boolean;
  is_last: boolean;
  is_last_not_direct: boolean;
}
const kept = (callId: unknown) =>
  world.sql<Kept>('select * from call_touches where call_id = $1 order by position', [callId]);
/** Sources in order, with f, l, n for first, last, last not direct, and brackets around what is before the window. */
const told = async (callId: unknown) =>
  (await kept(callId)).map((touch) => {
    const marks = `${touch.is_first ? 'f' : ''}${touch.is_last ? 'l' : ''}${touch.is_last_not_direct ? 'n' : ''}`;
    const text = marks ? `${touch.source} ${marks}` : touch.source;
    return touch.in_window ? text : `[${text}]`;
  });

/** A visitor with these touches, and a call that names them. */
async function called(touches: [days: number, source: string][]) {
  const session = await addSession(world.pool, site);
  for (const [days, source] of touches) await addTouch(world.pool, session, daysBefore(days), { source });
  const call = await addCall(world.pool, tracker, session, { started_at: CALL });
  await keepTouches(world.pool, call.id);
  return { session, call };
}

describe('the touches of a call', () => {
  it.each<[string, [number, string][], string[]]>([
    ['one', [[1, 'google']], ['google fln']],
    [
      'first, last and last that is not direct apart',
      [
        [9, 'bing'],
        [5, 'google'],
        [2, '(direct)'],
      ],
      ['bing f', 'google n', '(direct) l'],
    ],
    ['direct alone', [[1, '(direct)']], ['(direct) fl']],
    [
      'the first of all, however old; what else is before the window is left out',
      [
        [400, 'bing'],
        [50, 'yahoo'],
        [31, 'google'],
        [2, '(direct)'],
      ],
      ['[bing f]', '(direct) l'],
    ],
    ['the first alone', [[40, 'bing']], ['[bing fl]']],
    [
      'until the call and not after it',
      [
        [30, 'bing'],
        [0, 'google'],
        [-0.001, 'yahoo'],
      ],
      ['bing f', 'google ln'],
    ],
    ['none', [], []],
  ])('%s', async (_, touches, expected) => {
    expect(await told((await called(touches)).call.id)).toEqual(expected);
  });

  it('are of the same site', async () => {
    const { session, call } = await called([]);
    await addTouch(world.pool, { ...session, site_id: (await addSite(world.pool)).id }, daysBefore(1));
    await keepTouches(world.pool, call.id);
    expect(await told(call.id)).toEqual([]);
  });

  it('are the newest 200 and the first, where there are more', async () => {
    const { session, call } = await called([[25, 'bing']]);
    await world.sql(
      `insert into touches (
        id, site_id, visitor_id, session_id, touched_at, source, medium, click_ids, landing_page_url
      )
      select gen_random_uuid(), $1, $2, $3, $4::timestamptz + n * interval '1 s', 'google', 'cpc', '{}', ''
      from generate_series(1, 300) as n`,
      [site.id, session.visitor_id, session.id, daysBefore(20)],
    );
    await world.sql('delete from call_touches where call_id = $1', [call.id]);
    await keepTouches(world.pool, call.id);
    const touches = await kept(call.id);
    expect(touches).toHaveLength(201);
    expect(touches[0]).toMatchObject({ source: 'bing', is_first: true });
    expect(touches[1]?.touched_at).toEqual(new Date(daysBefore(20).getTime() + 101_000));
    expect(touches[200]).toMatchObject({ position: 201, is_last: true, is_last_not_direct: true });
  });

  it('stay what they were, whatever becomes of the visits and of the tracker', async () => {
    const source = fc.constantFrom('(direct)', 'google', 'bing');
    const touch = fc.tuple(fc.double({ min: -3, max: 60, noNaN: true }), source);
    await fc.assert(
      fc.asyncProperty(
        fc.array(touch, { maxLength: 8 }),
        fc.array(touch, { maxLength: 4 }),
        async (some, late) => {
          const { session, call } = await called(some);
          // What counts, by another way than SQL's. Times of rows are in microseconds, these in milliseconds.
          const all = some
            .map(([days, from]) => ({ at: daysBefore(days), from }))
            .filter((one) => one.at <= CALL);
          all.sort((a, b) => a.at.getTime() - b.at.getTime());
          const inWindow = all.filter((one) => one.at >= daysBefore(30));
          const counted = all.filter((one, place) => place === 0 || inWindow.includes(one));
          const first = await kept(call.id);
          expect(first.map((one) => one.touched_at)).toEqual(counted.map((one) => one.at));
          expect(first.filter((one) => one.is_first)).toHaveLength(Math.min(1, all.length));
          expect(first.filter((one) => one.is_last).map((one) => one.touched_at)).toEqual(
            all.slice(-1).map((one) => one.at),
          );
          const sought = inWindow.filter((one) => one.from !== '(direct)').at(-1);
          expect(first.filter((one) => one.is_last_not_direct).map((one) => one.touched_at)).toEqual(
            sought ? [sought.at] : [],
          );

          for (const [days, from] of late)
            await addTouch(world.pool, session, daysBefore(days), { source: from });
          await world.sql('update trackers set attribution_days = 7 where id = $1', [tracker.id]);
          if (late.length % 2 === 1) {
            await world.sql('delete from touches where visitor_id = $1', [session.visitor_id]);
          }
          await keepTouches(world.pool, call.id);
          await world.sql('update trackers set attribution_days = 30 where id = $1', [tracker.id]);
          // Where there were none, a later decision looks again.
          if (first.length > 0) expect(await kept(call.id)).toEqual(first);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('go with the decision: those of whom it names, none where it names nobody', async () => {
    const { call } = await called([[1, 'google']]);
    const other = await called([[2, 'bing']]);
    const name = async (visitor: unknown, started: Date = CALL) => {
      await world.sql('update calls set visitor_id = $2, started_at = $3 where id = $1', [
        call.id,
        visitor,
        started,
      ]);
      await keepTouches(world.pool, call.id);
      return told(call.id);
    };
    expect(await name(other.session.visitor_id)).toEqual(['bing fln']);
    // The call turns out to have begun before that touch.
    expect(await name(other.session.visitor_id, daysBefore(3))).toEqual([]);
    expect(await name(other.session.visitor_id)).toEqual(['bing fln']);
    expect(await name(null)).toEqual([]);
  });

  it('are kept for the calls that were there before the table was', async () => {
    const { call } = await called([
      [400, 'bing'],
      [3, 'google'],
      [2, '(direct)'],
    ]);
    const all = 'select * from call_touches order by call_id, position';
    await world.sql('update calls set started_at = started_at where id = $1', [call.id]);
    // As they are now, not as they were: other cases have changed what some rest on.
    for (const { id } of await world.sql<{ id: string }>('select id from calls')) {
      await world.sql('delete from call_touches where call_id = $1', [id]);
      await keepTouches(world.pool, id);
    }
    const expected = await world.sql(all);
    await world.sql('drop table call_touches');
    await world.pool.query(readFileSync('migrations/0010_call_touches.sql', 'utf8'));
    await world.sql('alter table call_touches add column channel text');
    expect(await world.sql(all)).toEqual(expected.map((touch) => ({ ...touch, channel: null })));
    expect(await told(call.id)).toEqual(['[bing f]', 'google n', '(direct) l']);
  });
});

describe('a call that comes in', () => {
  let here: CallSite;
  let calls = 0;
  let call_id: string;
  beforeEach(async () => {
    here = await world.makeSite();
    call_id = `touched-${calls++}`;
  });
  const touch = (visitor: { visitorId: string; sessionId: string }, secondsAgo: number, source: string) =>
    addTouch(
      world.pool,
      {
        id: visitor.sessionId,
        site_id: here.site.id,
        visitor_id: visitor.visitorId,
        medium: 'cpc',
        landing_page_url: '',
      },
      new Date(Date.now() - secondsAgo * 1000),
      { source, campaign: null, term: null, content: null },
    );

  it('keeps the touches of whom it is joined to, then of whom a code names; withdrawing takes nothing back', async () => {
    const one = await world.visitor(here, { shown: 4000, silent: 3000 });
    await touch(one, 4000, 'bing');
    const other = await world.visitor(here, { shown: 100, silent: 20 });
    await touch(other, 100, 'google');
    const { id } = await world.start({ call_id, to: here.number, from: '+12125550170' });
    expect(await told(id)).toEqual(['google fln']);

    await touch(other, -5, 'yahoo');
    await world.end({ call_id });
    await world.giveCode(here, one, '4711');
    await touch(one, 50, '(direct)');
    await world.code(call_id, '4711');
    expect(await told(id)).toEqual(['bing fn', '(direct) l']);

    await world.sql('update visitors set withdrawn_at = clock_timestamp() where id = $1', [one.visitorId]);
    await world.end({ call_id, duration: 90 });
    expect(await told(id)).toEqual(['bing fn', '(direct) l']);
  });

  it('on a source tracker’s number, or of nobody, keeps none', async () => {
    const { id } = await world.start({ call_id, to: here.number, from: '+12125550170' });
    const flyer = await world.makeSite({ type: 'source', source: 'flyer', targets: [] });
    const other = await world.start({ call_id: `${call_id}-flyer`, to: flyer.number, from: '+12125550170' });
    expect(other.attribution.method).toBe('source');
    expect(await told(id)).toEqual([]);
    expect(await told(other.id)).toEqual([]);
  });
});
