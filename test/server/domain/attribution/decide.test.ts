import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../../server/domain/attribution/decide.js';
import type { Decision, EarlierCall, Facts, LeaseFact } from '../../../../server/domain/attribution/facts.js';
import {
  DELAYS,
  OPEN_SECONDS,
  PRIOR,
  TAP_DELAYS,
  type TimeModel,
} from '../../../../server/domain/attribution/time-model.js';

const lease = (name: string, shown_for: number, silent_for: number): LeaseFact => ({
  lease_id: `lease-${name}`,
  visitor_id: `visitor-${name}`,
  session_id: `session-${name}`,
  shown_for,
  silent_for,
  page_open: false,
  tapped_for: null,
  country: null,
});
const facts = (given: Partial<Facts> = {}): Facts => ({
  started_at: '2026-01-05T12:00:00.000Z',
  tracker: { type: 'session', source: null, medium: null, campaign: null },
  leases: [],
  older: [],
  code: null,
  redial: null,
  caller_country: null,
  model: PRIOR,
  ...given,
});
const visitor = (name: string) => ({ visitor_id: `visitor-${name}`, session_id: `session-${name}-now` });
const redial = (
  name: string | null,
  confidence: number,
  others: [name: string, probability: number][] = [],
): EarlierCall => ({
  call_id: 'call',
  ...(name === null ? { visitor_id: null, session_id: null } : visitor(name)),
  confidence,
  same_number: true,
  others: others.map(([other, probability]) => ({ visitor_id: `visitor-${other}`, probability })),
});
const source: Facts['tracker'] = { type: 'source', source: 'flyer', medium: 'print', campaign: null };
const probabilityOf = (decision: Decision, name: string) =>
  decision.candidates.find((candidate) => candidate.visitor_id === `visitor-${name}`)?.probability ?? 0;
const unknownOf = (decision: Decision) => decision.candidates.at(-1)?.probability ?? 0;

describe('a call', () => {
  it('to a number that nobody was shown is nobody’s', () => {
    const decision = decide(facts());
    expect(decision).toMatchObject({
      method: 'unknown',
      confidence: 0,
      visitor_id: null,
      session_id: null,
      lease_id: null,
      reasons: [{ code: 'unknown', detail: 'nobody was shown this number' }],
    });
    expect(decision.candidates).toHaveLength(1);
    expect(unknownOf(decision)).toBe(1);
  });

  it('soon after the only holder was there is theirs', () => {
    expect(decide(facts({ leases: [lease('a', 40, 20)] }))).toMatchObject({
      method: 'recency',
      visitor_id: 'visitor-a',
      session_id: 'session-a',
      lease_id: 'lease-a',
      confidence: expect.closeTo(1, 3),
      reasons: [{ code: 'recency' }],
    });
  });

  it('is that of the holder who was there last, less surely the closer the other is', () => {
    const near = decide(facts({ leases: [lease('a', 60, 30), lease('b', 600, 400)] }));
    const far = decide(facts({ leases: [lease('a', 60, 30), lease('b', 90_000, 80_000)] }));
    expect([near.visitor_id, far.visitor_id]).toEqual(['visitor-a', 'visitor-a']);
    expect(far.confidence).toBeGreaterThan(near.confidence);
  });

  it('3 s after a new holder got the number is rather that of the one before', () => {
    const leases = [{ ...lease('new', 3, 0), page_open: true }, lease('before', 900, 330)];
    expect(decide(facts({ leases })).visitor_id).toBe('visitor-before');
    // With nobody before them it is theirs.
    expect(decide(facts({ leases: leases.slice(0, 1) })).visitor_id).toBe('visitor-new');
  });

  it('by whom nothing speaks is nobody’s, though many were shown the number', () => {
    const leases = Array.from({ length: 50 }, (_, at) => lease(String(at), 2_400_000 + at, 2_400_000 + at));
    expect(decide(facts({ leases }))).toMatchObject({ method: 'unknown', confidence: 0, visitor_id: null });
  });

  it('with a code is that of the visitor who was shown it, whoever was there last', () => {
    const decision = decide(
      facts({ leases: [lease('a', 60, 0), lease('b', 9000, 8000)], code: visitor('b') }),
    );
    expect(decision).toMatchObject({
      method: 'code',
      visitor_id: 'visitor-b',
      session_id: 'session-b-now',
      lease_id: 'lease-b',
    });
    expect(decision.confidence).toBeGreaterThanOrEqual(0.99);
    expect(decision.reasons.map((reason) => reason.code)).toEqual(['code', 'recency']);
  });

  it('with a code of a visitor who never held the number is theirs, without a lease', () => {
    expect(decide(facts({ leases: [lease('a', 60, 0)], code: visitor('b') }))).toMatchObject({
      method: 'code',
      visitor_id: 'visitor-b',
      lease_id: null,
      confidence: 0.99,
    });
  });

  it('to a source tracker is its source’s, and no visitor’s', () => {
    expect(decide(facts({ tracker: source, redial: redial('a', 1) }))).toMatchObject({
      method: 'source',
      confidence: 1,
      visitor_id: null,
      session_id: null,
    });
  });

  it('to a source tracker with a code is that visitor’s', () => {
    expect(decide(facts({ tracker: source, code: visitor('a') }))).toMatchObject({
      method: 'code',
      visitor_id: 'visitor-a',
    });
  });

  it('of a caller known from before is that visitor’s, at their latest session', () => {
    expect(decide(facts({ leases: [lease('a', 9000, 8000)], redial: redial('b', 1) }))).toMatchObject({
      method: 'redial',
      visitor_id: 'visitor-b',
      session_id: 'session-b-now',
      confidence: 0.95,
    });
  });

  it('of a caller known from before is no surer than the call before', () => {
    expect(decide(facts({ redial: redial('b', 0.9) })).confidence).toBeCloseTo(0.855, 6);
    expect(decide(facts({ redial: redial('b', 0.6) })).confidence).toBeCloseTo(0.57, 6);
  });

  it('of a caller known from before is told so, by how surely that call was theirs', () => {
    const { reasons } = decide(facts({ leases: [lease('b', 900, 800)], redial: redial('b', 0.8) }));
    expect(reasons.map(({ code }) => code)).toEqual(['redial', 'recency']);
    expect(reasons[0]).toMatchObject({ weight: 0.76, detail: expect.stringContaining('probability 0.8') });
  });

  it('is rather of a stranger who is there than of who was doubtfully said to have called before', () => {
    const leases = [lease('a', 60, 10)];
    const doubtful = decide(facts({ leases, redial: redial('b', 0.2, [['a', 0.1]]) }));
    expect(doubtful).toMatchObject({ method: 'redial', visitor_id: 'visitor-a', lease_id: 'lease-a' });
    // Whom the call before cannot have been of is not the caller, as long as that somebody else was is believed.
    expect(decide(facts({ leases, redial: redial('b', 1) })).visitor_id).toBe('visitor-b');
  });

  it('of a holder who is there and called before is theirs more surely than by either alone', () => {
    const leases = [lease('a', 60, 10), lease('b', 500, 320)];
    const earlier = redial('a', 0.5);
    const both = decide(facts({ leases, redial: earlier }));
    expect(both).toMatchObject({ method: 'redial', visitor_id: 'visitor-a', session_id: 'session-a-now' });
    expect(both.confidence).toBeGreaterThan(decide(facts({ leases })).confidence);
    expect(both.confidence).toBeGreaterThan(probabilityOf(decide(facts({ redial: earlier })), 'a'));
  });

  it('of a caller whose earlier call was nobody’s is nobody’s too, whoever else has the number now', () => {
    const there = lease('a', 60, 10);
    const given = { leases: [there], redial: redial(null, 0) };
    expect(decide(facts({ leases: [there] })).visitor_id).toBe('visitor-a');
    expect(decide(facts(given))).toMatchObject({ method: 'unknown', confidence: 0, visitor_id: null });
    // A tap is a better sign than having called before.
    const tapped = decide(facts({ ...given, leases: [{ ...there, tapped_for: 6 }] }));
    expect(tapped).toMatchObject({ method: 'tap', visitor_id: 'visitor-a' });
  });

  it('to a number that a known caller never called nor was shown is of who has it now, else theirs', () => {
    const elsewhere = (name: string | null, confidence: number) => ({
      ...redial(name, confidence),
      same_number: false,
    });
    const there = lease('a', 60, 10);
    const nobodys = decide(facts({ leases: [there], redial: elsewhere(null, 0) }));
    expect(nobodys).toEqual(decide(facts({ leases: [there] })));
    const known = decide(facts({ leases: [there], redial: elsewhere('b', 0.9) }));
    expect(known).toMatchObject({ method: 'recency', visitor_id: 'visitor-a' });
    const old = lease('a', 2_000_000, 1_900_000);
    const late = decide(facts({ leases: [old], redial: elsewhere('b', 0.9) }));
    expect(late).toMatchObject({ method: 'redial', visitor_id: 'visitor-b', session_id: 'session-b-now' });
    expect(late.confidence).toBeGreaterThan(0.8);
    // Who called then has this number too.
    const both = decide(facts({ leases: [there, lease('b', 500, 400)], redial: elsewhere('b', 0.9) }));
    expect(both).toMatchObject({ method: 'redial', visitor_id: 'visitor-b', lease_id: 'lease-b' });
  });

  it('of a caller whose earlier call was one of two is of the one who is there again', () => {
    const others: [string, number][] = [
      ['a', 0.3],
      ['b', 0.3],
    ];
    const decision = decide(
      facts({ leases: [lease('b', 60, 10), lease('c', 60, 10)], redial: redial(null, 0, others) }),
    );
    expect(decision).toMatchObject({ method: 'redial', visitor_id: 'visitor-b', session_id: 'session-b' });
    expect(probabilityOf(decision, 'c')).toBeLessThan(0.05);
    expect(decision.confidence).toBeGreaterThan(0.9);
  });

  it('moments after a tap is that of who tapped, whoever else is there and whoever called before', () => {
    const tapper = { ...lease('a', 60, 5), tapped_for: 6 };
    const others = [{ ...lease('b', 300, 10), page_open: true }, lease('c', 100, 40)];
    const decision = decide(facts({ leases: [tapper, ...others], redial: redial('b', 1) }));
    expect(decision).toMatchObject({ method: 'tap', visitor_id: 'visitor-a', lease_id: 'lease-a' });
    expect(decision.confidence).toBeGreaterThan(0.98);
    expect(decision.reasons[0]).toMatchObject({
      code: 'tap',
      detail: 'tapped the number 6 s before the call',
    });
  });

  it('long after a tap is as likely theirs as without it', () => {
    const leases = [{ ...lease('a', 900, 700), tapped_for: 290 }, lease('b', 300, 10)];
    const decision = decide(facts({ leases }));
    expect(decision).toMatchObject({ method: 'recency', visitor_id: 'visitor-b' });
  });

  it('is told that the page was still open, which counts for little', () => {
    const open = decide(
      facts({ leases: [{ ...lease('a', 300, 30), page_open: true }, lease('b', 900, 200)] }),
    );
    const left = decide(facts({ leases: [lease('a', 300, 30), lease('b', 900, 200)] }));
    expect(open.reasons.map(({ code }) => code)).toEqual(['recency', 'page_open']);
    expect(open.visitor_id).toBe(left.visitor_id);
    expect(Math.abs(open.confidence - left.confidence)).toBeLessThan(0.2);
  });

  it('takes a page that has said nothing for long as left, whatever it did not say', () => {
    const silent = lease('a', 9000, OPEN_SECONDS + 1);
    const leases = [silent, lease('b', 900, 200)];
    expect(decide(facts({ leases: [{ ...silent, page_open: true }, leases[1] as LeaseFact] }))).toEqual(
      decide(facts({ leases })),
    );
  });

  it('from another country than the visitor’s is less likely theirs; one that is not known says nothing', () => {
    const leases = [{ ...lease('a', 300, 100), country: 'DE' }, lease('b', 600, 300)];
    const of = (caller_country: string | null) => decide(facts({ leases, caller_country }));
    expect(of('DE')).toEqual(of(null));
    expect(probabilityOf(of('FR'), 'a')).toBeLessThan(probabilityOf(of('DE'), 'a'));
    const tilts = of('FR').candidates.find(({ visitor_id }) => visitor_id === 'visitor-a')?.reasons;
    expect(tilts?.at(-1)).toMatchObject({ code: 'other_country', weight: 0.3 });
  });

  it('may be of one of many who had the number before: the more there were, the less sure it is', () => {
    const leases = [lease('a', 20_000, 15_000)];
    const older = (count: number) => [{ from: 20_000, to: 43_200, count }];
    const few = decide(facts({ leases, older: older(1) }));
    const many = decide(facts({ leases, older: older(200) }));
    expect(few.visitor_id).toBe('visitor-a');
    expect(few.confidence).toBeGreaterThan(0.4);
    expect(many).toMatchObject({ method: 'unknown', confidence: 0 });
    expect(many.candidates.at(-1)?.reasons[0]?.detail).toContain('one of 200 others');
  });

  it('counts all leases of a visitor for them', () => {
    const again = { ...lease('a', 4000, 3600), lease_id: 'lease-a-again' };
    const alone = decide(facts({ leases: [lease('a', 700, 600), lease('b', 700, 500)] }));
    const both = decide(facts({ leases: [lease('a', 700, 600), again, lease('b', 700, 500)] }));
    expect(probabilityOf(both, 'a')).toBeGreaterThan(probabilityOf(alone, 'a'));
    expect(both.candidates.filter(({ visitor_id }) => visitor_id === 'visitor-a')).toEqual([
      expect.objectContaining({ lease_id: 'lease-a' }),
    ]);
  });

  it('lists the ten likeliest; unknown holds the rest', () => {
    const leases = Array.from({ length: 15 }, (_, at) =>
      lease(String(at).padStart(2, '0'), 1000 + at, 100 + at),
    );
    const { candidates } = decide(facts({ leases }));
    expect(candidates).toHaveLength(11);
    expect(candidates.slice(0, 3).map((candidate) => candidate.visitor_id)).toEqual([
      'visitor-00',
      'visitor-01',
      'visitor-02',
    ]);
    expect(candidates.at(-1)).toMatchObject({ visitor_id: null, session_id: null, lease_id: null });
    expect(candidates.at(-1)?.reasons[0]?.detail).toContain('one of 5 others');
  });
});

const DAYS_30 = 30 * 86_400;
const anyLease = fc
  .tuple(
    fc.uuid({ version: 7 }),
    fc.nat(12),
    fc.double({ min: 0, max: DAYS_30, noNaN: true }),
    fc.double({ min: 0, max: DAYS_30, noNaN: true }),
    fc.boolean(),
    fc.option(fc.double({ min: 0, max: 300, noNaN: true }), { nil: null, freq: 8 }),
    fc.constantFrom(null, 'US', 'DE'),
  )
  .map(
    ([id, who, one, other, page_open, tapped_for, country]): LeaseFact => ({
      lease_id: id,
      visitor_id: `visitor-${who}`,
      session_id: who % 5 ? `session-${who}` : null,
      shown_for: Math.max(one, other),
      silent_for: Math.min(one, other),
      page_open,
      tapped_for,
      country,
    }),
  );
const anyVisitor = fc.nat(15).map((who) => ({ visitor_id: `visitor-${who}`, session_id: null }));
const share = fc.double({ min: 0, max: 1, noNaN: true });
/** Probabilities of the earlier call's candidates come to 1 at most. */
const anyRedial: fc.Arbitrary<EarlierCall> = fc
  .tuple(
    fc.option(fc.nat(15), { nil: null, freq: 3 }),
    share,
    fc.uniqueArray(fc.tuple(fc.nat(15), share), { maxLength: 10, selector: ([who]) => who }),
    fc.boolean(),
  )
  .map(([named, given, some, same_number]) => {
    const others = some.filter(([who]) => who !== named);
    const confidence = named === null ? 0 : given;
    const sum = others.reduce((all, [, weight]) => all + weight, 0);
    const each = sum === 0 ? 0 : (1 - confidence) / Math.max(1, sum);
    const earlier = redial(
      named === null ? null : String(named),
      confidence,
      others.map(([who, weight]) => [String(who), weight * each]),
    );
    return { ...earlier, same_number };
  });
const rate = fc.double({ min: 1e-9, max: 1, noNaN: true });
const anyModel: fc.Arbitrary<TimeModel> = fc.record({
  version: fc.nat(9),
  open: rate,
  after: fc.array(rate, { minLength: DELAYS.length, maxLength: DELAYS.length }),
  tap: fc.array(rate, { minLength: TAP_DELAYS.length, maxLength: TAP_DELAYS.length }),
  stray: rate,
});
const anyFacts: fc.Arbitrary<Facts> = fc.record({
  started_at: fc.constant('2026-01-05T12:00:00.000Z'),
  tracker: fc.constantFrom<Facts['tracker']>(facts().tracker, facts().tracker, source),
  leases: fc.uniqueArray(anyLease, { maxLength: 20, selector: ({ lease_id }) => lease_id }),
  older: fc.array(
    fc.record({ from: fc.constant(3600), to: fc.constantFrom(3600, 14_400), count: fc.nat(5000) }),
    { maxLength: 2 },
  ),
  caller_country: fc.constantFrom(null, 'US', 'FR'),
  model: fc.oneof(fc.constant(PRIOR), anyModel),
  code: fc.option(anyVisitor, { nil: null, freq: 2 }),
  redial: fc.option(anyRedial, { nil: null }),
});

describe('whatever the facts', () => {
  it('probabilities lie in 0..1 and sum to 1, and so does the confidence', () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const decision = decide(given);
        const probabilities = decision.candidates.map((candidate) => candidate.probability);
        const sum = probabilities.reduce((a, b) => a + b, 0);
        expect(Math.abs(sum - 1)).toBeLessThanOrEqual(1e-6);
        expect(Math.min(...probabilities, decision.confidence)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...probabilities, decision.confidence)).toBeLessThanOrEqual(1);
        expect(decision.candidates.length).toBeLessThanOrEqual(11);
      }),
      { numRuns: 300 },
    );
  });

  it('who is named is the likeliest, and the confidence their probability', () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const decision = decide(given);
        const [first] = decision.candidates;
        const most = Math.max(...decision.candidates.map((candidate) => candidate.probability));
        if (decision.method === 'unknown') {
          expect(decision).toMatchObject({
            confidence: 0,
            visitor_id: null,
            session_id: null,
            lease_id: null,
          });
        } else
          expect([first?.probability, first?.visitor_id]).toEqual([decision.confidence, decision.visitor_id]);
        if (decision.method !== 'unknown') expect(decision.confidence).toBe(most);
      }),
      { numRuns: 300 },
    );
  });

  it('their order does not matter, nor that of whom an earlier call may have been of', () => {
    const shuffled = <T>(list: T[]) => fc.shuffledSubarray(list, { minLength: list.length });
    fc.assert(
      fc.property(
        anyFacts.chain((given) =>
          fc.tuple(fc.constant(given), shuffled(given.leases), shuffled(given.redial?.others ?? [])),
        ),
        ([given, leases, others]) => {
          const earlier = given.redial && { ...given.redial, others };
          expect(decide({ ...given, leases, redial: earlier })).toEqual(decide(given));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('the same ones, stored and read again, give the same decision', () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const before = JSON.stringify(decide(given));
        expect(JSON.stringify(decide(JSON.parse(JSON.stringify(given)) as Facts))).toBe(before);
      }),
    );
  });

  it('a longer silence alone never makes a candidate likelier', () => {
    fc.assert(
      fc.property(
        anyFacts,
        fc.nat(19),
        fc.double({ min: 0, max: DAYS_30, noNaN: true }),
        (given, which, longer) => {
          const chosen = given.leases[which % Math.max(1, given.leases.length)];
          if (!chosen) return;
          const silent_for = Math.min(chosen.shown_for, chosen.silent_for + longer);
          const leases = given.leases.map((other) => (other === chosen ? { ...chosen, silent_for } : other));
          const name = chosen.visitor_id.slice('visitor-'.length);
          const before = probabilityOf(decide(given), name);
          expect(probabilityOf(decide({ ...given, leases }), name)).toBeLessThanOrEqual(before + 2e-6);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('a code or a tap for a visitor never makes them less likely', () => {
    fc.assert(
      fc.property(
        anyFacts,
        fc.nat(19),
        fc.double({ min: 0, max: 300, noNaN: true }),
        (any, which, tapped_for) => {
          const given: Facts = { ...any, code: null, tracker: facts().tracker };
          const chosen = given.leases[which % Math.max(1, given.leases.length)];
          if (!chosen) return;
          const name = chosen.visitor_id.slice('visitor-'.length);
          const untapped = given.leases.map((one) =>
            one === chosen ? { ...chosen, tapped_for: null } : one,
          );
          const tapped = given.leases.map((one) => (one === chosen ? { ...chosen, tapped_for } : one));
          const before = probabilityOf(decide({ ...given, leases: untapped }), name);
          for (const evidence of [{ leases: untapped, code: visitor(name) }, { leases: tapped }]) {
            expect(probabilityOf(decide({ ...given, ...evidence }), name)).toBeGreaterThanOrEqual(
              before - 2e-6,
            );
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('the more surely an earlier call was a visitor’s rather than nobody’s, the likelier they are', () => {
    fc.assert(
      fc.property(anyFacts, anyRedial, fc.nat(15), share, (any, earlier, who, part) => {
        const given: Facts = { ...any, code: null };
        const visitor_id = `visitor-${who}`;
        const known = earlier.others.reduce((sum, other) => sum + other.probability, earlier.confidence);
        const more = part * Math.max(0, 1 - known);
        const added = earlier.others.filter((other) => other.visitor_id !== visitor_id);
        const then = earlier.others.find((other) => other.visitor_id === visitor_id)?.probability ?? 0;
        const raised: EarlierCall =
          earlier.visitor_id === visitor_id
            ? { ...earlier, confidence: earlier.confidence + more }
            : { ...earlier, others: [...added, { visitor_id, probability: then + more }] };
        const before = probabilityOf(decide({ ...given, redial: earlier }), String(who));
        const after = probabilityOf(decide({ ...given, redial: raised }), String(who));
        expect(after).toBeGreaterThanOrEqual(before - 2e-6);
      }),
      { numRuns: 300 },
    );
  });

  it('of those of whom an earlier call may equally have been, who is likelier now is', () => {
    fc.assert(
      fc.property(anyFacts, share, (any, part) => {
        const leases = any.leases.map((one) => ({ ...one, tapped_for: null }));
        const given: Facts = { ...any, leases, code: null, redial: null };
        const now = decide(given);
        const [first, second] = now.candidates.filter(({ visitor_id }) => visitor_id !== null);
        if (!first?.visitor_id || !second?.visitor_id) return;
        const names = [first.visitor_id, second.visitor_id].map((id) => id.slice('visitor-'.length));
        const [likelier, other] = names as [string, string];
        const equally = redial(null, 0, [
          [likelier, part / 2],
          [other, part / 2],
        ]);
        const decision = decide({ ...given, redial: equally });
        const difference = probabilityOf(decision, likelier) - probabilityOf(decision, other);
        expect(difference).toBeGreaterThanOrEqual(-2e-6);
      }),
      { numRuns: 300 },
    );
  });

  it('a caller whose earlier call was nobody’s is nobody’s again, unless they tapped or gave a code', () => {
    fc.assert(
      fc.property(anyFacts, (any) => {
        const leases = any.leases.map((one) => ({ ...one, tapped_for: null }));
        const given: Facts = {
          ...any,
          leases,
          code: null,
          tracker: facts().tracker,
          redial: redial(null, 0),
        };
        expect(decide(given)).toMatchObject({ method: 'unknown', confidence: 0, visitor_id: null });
      }),
      { numRuns: 300 },
    );
  });
});
