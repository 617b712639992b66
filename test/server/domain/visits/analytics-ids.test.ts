import { expect, test } from 'vitest';
import { analyticsIds } from '../../../../server/domain/visits/analytics-ids.js';

test('ids of other tools are read out of their cookies', () => {
  expect(
    analyticsIds({
      _ga: 'GA1.1.1234567890.1700000000',
      _ga_ABC123: 'GS2.1.s1700000123$o4$g1$t1700000456$j60$l0$h0',
      _ym_uid: '1700000123456789012',
      _fbp: 'fb.1.1700000120000.1098115397',
      _fbc: 'fb.1.1700000123000.IwAR0abc-_X',
    }),
  ).toEqual({
    ga: '1234567890.1700000000',
    ga_session: '1700000123',
    ym: '1700000123456789012',
    fbp: 'fb.1.1700000120000.1098115397',
    fbc: 'fb.1.1700000123000.IwAR0abc-_X',
  });
});

test.each([
  ['_ga', 'GA1.2.1234567890.1700000000', 'ga', '1234567890.1700000000'],
  ['_ga', 'GA1.3-2.1234567890.1700000000', 'ga', '1234567890.1700000000'],
  ['_ga_X', 'GS1.1.1700000123.4.1.1700000456.0.0.0', 'ga_session', '1700000123'],
  ['_ga_X', 'GS1.1.1700000123', 'ga_session', '1700000123'],
  ['_ga_X', 'GS2.1.s1700000123', 'ga_session', '1700000123'],
  ['_ga_X', 'GS2.1.o4$g1$s1700000123$t1700000456', 'ga_session', '1700000123'],
])('%s=%s is %s %s', (cookie, value, name, id) => {
  expect(analyticsIds({ [cookie]: value })).toEqual({ [name]: id });
});

test.each([
  ['_ga', 'garbage'],
  ['_ga', 'GA2.1.1.2'],
  ['_ga', 'GA1.1.1234567890'],
  ['_ga_X', 'garbage'],
  ['_ga_X', 'GS1.1.x'],
  ['_ga_X', 'GS2.1.o4$g1$t1700000456'],
  ['_ga_X', 'GS3.1.s1700000123'],
  ['_ym_uid', 'denied'],
  ['_fbp', '1098115397'],
  ['_fbc', 'IwAR0abc'],
  ['_gid', 'GA1.1.1234567890.1700000000'],
  ['__proto__', 'GA1.1.1234567890.1700000000'],
])('%s=%s says nothing', (cookie, value) => {
  expect(analyticsIds(JSON.parse(`{${JSON.stringify(cookie)}:${JSON.stringify(value)}}`))).toEqual({});
});

test('of several properties the session that began last counts, wherever it stands', () => {
  const [early, late] = ['GS1.1.1700000123.1', 'GS2.1.s1700009999$o1'];
  const [ym, fbp] = ['1700000123456789012', 'fb.1.5.6'];
  expect(analyticsIds({ _ga_A: early, _fbp: fbp, _ym_uid: ym, _ga_B: late })).toEqual({
    ga_session: '1700009999',
    fbp,
    ym,
  });
  expect(analyticsIds({ _ga_A: late, _ga_B: early })).toEqual({ ga_session: '1700009999' });
});

test('ids under our names, and names that are not ours, stay as they are', () => {
  const given = { ga: '1.2', crm: 'GA1.1.3.4' };
  expect(analyticsIds({ ...given, _ga: 'GA1.1.3.4', _fbp: 'fb.1.5.6' })).toEqual({
    ...given,
    fbp: 'fb.1.5.6',
  });
});
