import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDial, parseStatus, parseVoice } from '../../../../server/providers/twilio/events.js';

/** The form of a call from New York, with all that Twilio sends along. */
const VOICE = {
  AccountSid: 'AC00000000000000000000000000000000',
  ApiVersion: '2010-04-01',
  CallSid: 'CA1234567890abcdef1234567890abcdef',
  CallStatus: 'ringing',
  Called: '+12025550131',
  Caller: '+12125550133',
  CallerName: 'JANE DOE',
  Direction: 'inbound',
  From: '+12125550133',
  FromCity: 'NEW YORK',
  FromCountry: 'US',
  FromState: 'NY',
  FromZip: '10001',
  StirVerstat: 'TN-Validation-Passed-A',
  To: '+12025550131',
  ToCity: '',
  ToCountry: 'US',
  ToState: 'DC',
  ToZip: '',
};
const call_id = VOICE.CallSid;

describe('/voice', () => {
  it('is the start of a call', () => {
    expect(parseVoice(VOICE)).toEqual({
      type: 'start',
      call_id,
      to: '+12025550131',
      from: '+12125550133',
      started_at: null,
      caller: { name: 'JANE DOE', city: 'NEW YORK', state: 'NY', country: 'US' },
    });
  });

  it.each([
    ['anonymous'],
    ['Restricted'],
    ['+266696687'],
    [''],
    ['client:alice'],
    ['sip:anonymous@anonymous.invalid'],
    [undefined],
  ])('from %j has no caller number', (From) => {
    expect(parseVoice({ ...VOICE, From })?.from).toBeNull();
  });

  it('keeps only what is known of the caller, cleaned', () => {
    const form = {
      CallSid: 'CA1',
      To: '+12025550131',
      FromCity: '',
      CallerName: ' JÖRG\u0000 ',
      FromCountry: 'DE',
    };
    expect(parseVoice(form)).toMatchObject({ from: null, caller: { name: 'JÖRG', country: 'DE' } });
  });

  it('takes numbers without their plus and the first of repeated values', () => {
    expect(parseVoice({ ...VOICE, To: [' 12025550131', '+1'], From: '12125550133' })).toMatchObject({
      to: '+12025550131',
      from: '+12125550133',
    });
  });

  it.each([
    ['without a call id', { ...VOICE, CallSid: undefined }],
    ['without a called number', { ...VOICE, To: undefined }],
    ['to what is no phone number', { ...VOICE, To: 'sip:bob@example.sip.twilio.com' }],
    ['that is empty', {}],
  ])('%s is nothing', (_, form) => {
    expect(parseVoice(form)).toBeNull();
  });
});

describe('/status', () => {
  const STATUS = {
    ...VOICE,
    CallStatus: 'completed',
    CallDuration: '83',
    Duration: '2',
    Timestamp: 'Mon, 16 Aug 2010 03:45:01 +0000',
    SequenceNumber: '0',
    CallbackSource: 'call-progress-events',
  };

  it('is the end of a call; completed does not say who answered', () => {
    expect(parseStatus(STATUS)).toEqual({
      type: 'end',
      call_id,
      to: '+12025550131',
      from: '+12125550133',
      status: null,
      duration: 83,
      talk_time: null,
      ended_at: '2010-08-16T03:45:01.000Z',
      recording_url: null,
      keypad: null,
    });
  });

  it.each([
    ['no-answer', 'missed'],
    ['canceled', 'missed'],
    ['busy', 'busy'],
    ['failed', 'failed'],
  ])('%s is %s', (CallStatus, status) => {
    expect(parseStatus({ ...STATUS, CallStatus })?.status).toBe(status);
  });

  it.each(['queued', 'initiated', 'ringing', 'in-progress', 'answered', 'new-word', '', undefined])(
    '%j is nothing to record',
    (CallStatus) => {
      expect(parseStatus({ ...STATUS, CallStatus })).toBeNull();
    },
  );

  it.each([
    ['has a parent', { ...STATUS, ParentCallSid: 'CA0' }],
    ['was dialled by <Dial>', { ...STATUS, Direction: 'outbound-dial' }],
    ['was dialled by the API', { ...STATUS, Direction: 'outbound-api' }],
    ['has no id', { ...STATUS, CallSid: '' }],
  ])('of a leg that %s is nothing to record', (_, form) => {
    expect(parseStatus(form)).toBeNull();
  });

  it('keeps the recording', () => {
    const RecordingUrl = 'https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1';
    expect(parseStatus({ ...STATUS, RecordingUrl })?.recording_url).toBe(RecordingUrl);
  });

  it.each([
    [{ CallDuration: '-1' }, { duration: null }],
    [{ CallDuration: '1e9' }, { duration: null }],
    [{ CallDuration: undefined }, { duration: null }],
    [{ CallDuration: '0' }, { duration: 0 }],
    [{ Timestamp: 'yesterday' }, { ended_at: null }],
    [{ Timestamp: 'Mon, 99 Aug 2010 03:45:01 +0000' }, { ended_at: null }],
    [{ Timestamp: undefined }, { ended_at: null }],
    [{ RecordingUrl: 'javascript:alert(1)' }, { recording_url: null }],
    [{ To: undefined }, { to: null }],
  ])('with %j has %j', (change, expected) => {
    expect(parseStatus({ ...STATUS, ...change })).toMatchObject(expected);
  });
});

describe('/dial', () => {
  it.each([
    ['completed', 'answered', 42],
    ['answered', 'answered', 42],
    ['no-answer', 'missed', null],
    ['canceled', 'missed', null],
    ['busy', 'busy', null],
    ['failed', 'failed', null],
    ['new-word', null, null],
    [undefined, null, null],
  ])('%s is %s', (DialCallStatus, status, talk_time) => {
    const form = {
      ...VOICE,
      DialCallStatus,
      DialCallSid: 'CA2',
      DialCallDuration: '42',
      DialBridged: 'true',
    };
    expect(parseDial(form)).toEqual({ type: 'dial', call_id, status, talk_time, recording_url: null });
  });

  it('picked up but never put through is missed', () => {
    const form = { ...VOICE, DialCallStatus: 'completed', DialCallDuration: '2', DialBridged: 'false' };
    expect(parseDial(form)).toMatchObject({ status: 'missed', talk_time: null });
  });

  it('without a call id is nothing', () => {
    expect(parseDial({ DialCallStatus: 'completed' })).toBeNull();
  });
});

it('reads any form without throwing, and what it reads can be stored', () => {
  const value = fc.option(fc.oneof(fc.string({ unit: 'binary' }), fc.array(fc.string())), { nil: undefined });
  const keys = ['CallSid', 'To', 'From', 'CallerName', 'FromCity', 'CallStatus', 'Timestamp', 'RecordingUrl'];
  const form = fc.record(Object.fromEntries(keys.map((key) => [key, value])), { requiredKeys: [] });
  fc.assert(
    fc.property(form, (junk) => {
      const events = [parseVoice(junk), parseStatus({ ...junk, CallStatus: 'completed' }), parseDial(junk)];
      expect(JSON.stringify(events)).not.toMatch(/\\u0000|\\ud[89a-f]/i);
    }),
  );
});
