import { describe, expect, test } from 'vitest';
import { cursorOf, readCursor } from '../../../server/routes/cursor.js';

const position = { time: '2026-10-01T10:00:00.123456Z', id: '01995b2e-0000-7000-8000-000000000001' };
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a cursor', () => {
  test('is read as it was written, to the microsecond', () => {
    expect(readCursor(cursorOf(position))).toEqual(position);
  });

  test('that is not there is the start', () => {
    expect(readCursor(undefined)).toBeNull();
  });

  test.each([
    '',
    'x',
    '%00',
    encoded(null),
    encoded({}),
    encoded([]),
    encoded([position.time]),
    encoded([position.time, 'x']),
    encoded(['2026-10-01', position.id]),
    encoded(['2026-13-01T10:00:00.123456Z', position.id]),
    encoded(["'; drop table calls; --", position.id]),
    encoded([position.time, position.id, 1]),
  ])('is refused: %j', (cursor) => {
    expect(() => readCursor(cursor)).toThrow('cursor');
  });
});
