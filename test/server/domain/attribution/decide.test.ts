import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../../server/domain/attribution/decide.js';
import type { Decision, Facts, LeaseFact } from '../../../../server/domain/attribution/facts.js';
import { OPEN_SECONDS, PRIOR } from '../../../../server/domain/attribution/time-model.js';

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
const redial = (name: string, confidence: number) => ({ ...visitor(name), call_id: 'call', confidence });
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
    const sure = decide(facts({ redial: redial('b', 0.9) }));
    const unsure = decide(facts({ redial: redial('b', 0.6) }));
    expect(sure.confidence).toBeCloseTo(0.855, 6);
    expect(unsure.confidence).toBeCloseTo(0.57, 6);
  });

  it('is named by what speaks for who is named: a doubtful redial does not outweigh a holder who is there', () => {
    const decision = decide(facts({ leases: [lease('a', 60, 10)], redial: redial('b', 0.2) }));
    expect(decision).toMatchObject({ method: 'recency', visitor_id: 'visitor-a' });
    expect(decision.reasons.map((reason) => reason.code)).toEqual(['recency']);
  });

  it('of a holder who is there and called before is theirs more surely than by either alone', () => {
    const leases = [lease('a', 60, 10), lease('b', 500, 320)];
    const without = decide(facts({ leases }));
    const with_ = decide(facts({ leases, redial: redial('a', 0.5) }));
    expect(with_).toMatchObject({ method: 'redial', visitor_id: 'visitor-a' });
    expect(with_.confidence).toBeGreaterThan(without.confidence);
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
const anyFacts: fc.Arbitrary<Facts> = fc.record({
  started_at: fc.constant('2026-01-05T12:00:00.000Z'),
  tracker: fc.constantFrom<Facts['tracker']>(facts().tracker, facts().tracker, source),
  leases: fc.uniqueArray(anyLease, { maxLength: 50, selector: ({ lease_id }) => lease_id }),
  older: fc.array(
    fc.record({ from: fc.constant(3600), to: fc.constantFrom(3600, 14_400), count: fc.nat(5000) }),
    { maxLength: 2 },
  ),
  caller_country: fc.constantFrom(null, 'US', 'FR'),
  model: fc.constant(PRIOR),
  code: fc.option(anyVisitor, { nil: null, freq: 2 }),
  redial: fc.option(
    fc
      .tuple(anyVisitor, fc.double({ min: 0, max: 1, noNaN: true }))
      .map(([who, confidence]) => ({ ...who, call_id: 'call', confidence })),
    { nil: null },
  ),
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
      { numRuns: 2_000 },
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
      { numRuns: 1_000 },
    );
  });

  it('their order does not matter', () => {
    fc.assert(
      fc.property(
        anyFacts.chain((given) =>
          fc.tuple(fc.constant(given), fc.shuffledSubarray(given.leases, { minLength: given.leases.length })),
        ),
        ([given, leases]) => {
          expect(decide({ ...given, leases })).toEqual(decide(given));
        },
      ),
      { numRuns: 1_000 },
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
        fc.uniqueArray(anyLease, { minLength: 1, maxLength: 9, selector: ({ visitor_id }) => visitor_id }),
        fc.nat(8),
        fc.double({ min: 0, max: DAYS_30, noNaN: true }),
        (leases, which, longer) => {
          const chosen = leases[which % leases.length] as LeaseFact;
          const silent_for = Math.min(chosen.shown_for, chosen.silent_for + longer);
          const silent = leases.map((other) => (other === chosen ? { ...chosen, silent_for } : other));
          const name = chosen.visitor_id.slice('visitor-'.length);
          const before = probabilityOf(decide(facts({ leases })), name);
          expect(probabilityOf(decide(facts({ leases: silent })), name)).toBeLessThanOrEqual(before + 1e-6);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('evidence for a visitor never makes them less likely', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(anyLease, { minLength: 1, maxLength: 9, selector: ({ visitor_id }) => visitor_id }),
        fc.nat(8),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (leases, which, confidence) => {
          const { visitor_id = '' } = leases[which % leases.length] ?? {};
          const name = visitor_id.slice('visitor-'.length);
          const before = probabilityOf(decide(facts({ leases })), name);
          for (const evidence of [{ code: visitor(name) }, { redial: redial(name, confidence) }]) {
            expect(probabilityOf(decide(facts({ leases, ...evidence })), name)).toBeGreaterThanOrEqual(
              before - 1e-6,
            );
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
