import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldCall } from '../../../../server/domain/calls/fold.js';
import type { CallEvent, CallOutcome } from '../../../../server/providers/call-event.js';
import type { StoredCallEvent } from '../../../../server/stores/calls.js';

const RECEIVED = Date.UTC(2026, 0, 5, 12);
const at = (seconds: number) => new Date(RECEIVED + seconds * 1000);
const iso = (seconds: number) => at(seconds).toISOString();

const start = (given: Partial<Extract<CallEvent, { type: 'start' }>> = {}): CallEvent => ({
  type: 'start',
  call_id: 'c',
  to: '+12025550100',
  from: '+12125550101',
  started_at: null,
  caller: {},
  ...given,
});
const end = (given: Partial<Extract<CallEvent, { type: 'end' }>> = {}): CallEvent => ({
  type: 'end',
  call_id: 'c',
  to: null,
  status: 'answered',
  duration: 60,
  talk_time: null,
  ended_at: null,
  recording_url: null,
  keypad: null,
  ...given,
});
const dial = (status: CallOutcome | null, talk_time: number | null = null): CallEvent => ({
  type: 'dial',
  call_id: 'c',
  status,
  talk_time,
  recording_url: null,
});
const received = (seconds: number, event: CallEvent): StoredCallEvent => ({
  event,
  received_at: at(seconds),
});
const fold = (...events: [number, CallEvent][]) =>
  foldCall(events.map(([seconds, event]) => received(seconds, event)));

describe('the start of a call', () => {
  it.each([
    ['is the time of receipt, where nothing is said', null, 0],
    ['is what the provider says', iso(-30), -30],
    ['counts up to 7 days back', iso(-7 * 86_400), -7 * 86_400],
    ['does not count before that', iso(-7 * 86_400 - 1), 0],
    ['counts up to a minute ahead', iso(60), 60],
    ['does not count after that', iso(61), 0],
    ['does not count where it is no time', 'yesterday', 0],
  ])('%s', (_, started_at, expected) => {
    expect(fold([0, start({ started_at })])?.started_at).toEqual(at(expected));
  });

  it('is reckoned from its end where the start was delivered after it', () => {
    const call = fold([0, end({ ended_at: iso(-100), duration: 50 })], [10, start()]);
    expect(call?.started_at).toEqual(at(-150));
  });

  it('is reckoned from its end where only that says which number was called', () => {
    const call = fold([0, end({ to: '+12025550100', duration: 50 })]);
    expect(call).toMatchObject({
      to: '+12025550100',
      started_at: at(-50),
      ended_at: at(0),
      status: 'answered',
    });
  });

  it('stays what it was when the same start is sent again days later', () => {
    for (const started_at of [iso(-30), iso(120), iso(-7 * 86_400), null]) {
      const once = fold([0, start({ started_at })]);
      expect(fold([0, start({ started_at })], [4 * 86_400, start({ started_at })])).toEqual(once);
    }
  });
});

describe('the outcome of a call', () => {
  it.each<[string, [number, CallEvent][], string]>([
    ['goes on until its end', [[0, start()]], 'in_progress'],
    [
      'goes on after its dialled leg ended without a word',
      [
        [0, start()],
        [5, dial(null)],
      ],
      'in_progress',
    ],
    [
      'is what the end says',
      [
        [0, start()],
        [5, end({ status: 'busy' })],
      ],
      'busy',
    ],
    [
      'is missed where it is over and nothing says that it was answered',
      [
        [0, start()],
        [5, end({ status: null })],
      ],
      'missed',
    ],
    [
      'is what the dialled leg says, not what the parent says',
      [
        [0, start()],
        [4, dial('missed')],
        [5, end({ status: 'answered' })],
      ],
      'missed',
    ],
    [
      'is answered where one of two legs was',
      [
        [0, start()],
        [4, dial('busy')],
        [5, dial('answered', 9)],
        [6, end()],
      ],
      'answered',
    ],
    [
      'is voicemail rather than missed',
      [
        [0, start()],
        [4, end({ status: 'missed' })],
        [5, end({ status: 'voicemail' })],
      ],
      'voicemail',
    ],
  ])('%s', (_, events, status) => {
    expect(fold(...events)?.status).toBe(status);
  });

  it('takes lengths, recording and keys from whoever knows them', () => {
    const recording_url = 'https://records.example/1';
    const call = fold(
      [0, start({ caller: { name: 'Ann', city: 'Bath', state: 'BA', country: 'GB' } })],
      [4, dial('answered', 55)],
      [5, end({ duration: 60, recording_url, keypad: '1234' })],
      [9, { type: 'code', call_id: 'c', code: '77' }],
    );
    expect(call).toMatchObject({
      duration: 60,
      talk_time: 55,
      recording_url,
      keypad: '1234',
      codes: ['77'],
      caller_name: 'Ann',
      caller_city: 'Bath',
      caller_state: 'BA',
      caller_country: 'GB',
    });
  });

  it('is not there while nothing says which number was called', () => {
    expect(
      fold([0, end()], [1, dial('answered')], [2, { type: 'code', call_id: 'c', code: '1' }]),
    ).toBeNull();
    expect(foldCall([])).toBeNull();
  });

  it('never ends before it starts', () => {
    const call = fold([0, start({ started_at: iso(30) })], [0, end({ ended_at: iso(10) })]);
    expect(call?.ended_at).toEqual(call?.started_at);
  });
});

const number = fc.constantFrom('+12025550100', '+12025550101', '+12125550102');
const text = fc.option(fc.constantFrom('a', 'b', 'bb', 'ccc'), { nil: null });
const claimed = fc.option(
  fc.integer({ min: -8 * 86_400, max: 300 }).map((seconds) => iso(seconds)),
  { nil: null },
);
const outcome = fc.option(fc.constantFrom<CallOutcome>('answered', 'missed', 'busy', 'failed', 'voicemail'), {
  nil: null,
});
const length = fc.option(fc.nat(7200), { nil: null });
const anyEvent: fc.Arbitrary<CallEvent> = fc.oneof(
  fc.record({
    type: fc.constant('start' as const),
    call_id: fc.constant('c'),
    to: number,
    from: fc.option(number, { nil: null }),
    started_at: claimed,
    caller: fc.record(
      { name: fc.constantFrom('Ann', 'Bob'), city: fc.constantFrom('Bath', 'Bonn') },
      { requiredKeys: [] },
    ),
  }),
  fc.record({
    type: fc.constant('end' as const),
    call_id: fc.constant('c'),
    to: fc.option(number, { nil: null }),
    status: outcome,
    duration: length,
    talk_time: length,
    ended_at: claimed,
    recording_url: text,
    keypad: text,
  }),
  fc.record({
    type: fc.constant('dial' as const),
    call_id: fc.constant('c'),
    status: outcome,
    talk_time: length,
    recording_url: text,
  }),
  fc.record({
    type: fc.constant('code' as const),
    call_id: fc.constant('c'),
    code: fc.constantFrom('1', '2', '3'),
  }),
);
const anyStored = fc
  .tuple(fc.integer({ min: 0, max: 3600 }), anyEvent)
  .map(([seconds, event]) => received(seconds, event));

describe('whatever the events', () => {
  it('the call does not depend on their order', () => {
    fc.assert(
      fc.property(
        fc
          .array(anyStored, { maxLength: 8 })
          .chain((events) =>
            fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length })),
          ),
        ([events, shuffled]) => {
          expect(foldCall(shuffled)).toEqual(foldCall(events));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('the call does not depend on how often they come, nor how late they come again', () => {
    fc.assert(
      fc.property(
        fc.array(anyStored, { minLength: 1, maxLength: 8 }),
        fc.array(fc.tuple(fc.nat(7), fc.integer({ min: 3600, max: 30 * 86_400 })), { maxLength: 8 }),
        (events, again) => {
          const repeated = again.flatMap(([which, later]) => {
            const event = events[which % events.length];
            return event ? [received(later, event.event as CallEvent), event] : [];
          });
          expect(foldCall([...events, ...repeated])).toEqual(foldCall(events));
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
