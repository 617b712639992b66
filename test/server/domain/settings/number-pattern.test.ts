import { describe, expect, test } from 'vitest';
import { numberPattern } from '../../../../server/domain/settings/number-pattern.js';
import { dialled } from '../../../../server/lib/dialling.js';
import formats from '../../../fixtures/number-formats.json' with { type: 'json' };
import leftAlone from '../../../fixtures/texts-left-alone.json' with { type: 'json' };

const known = new Map<string, RegExp>();

function regExpOf(targets: string[]): RegExp {
  const key = targets.join();
  const made = known.get(key) ?? RegExp(numberPattern(targets).pattern, 'gi');
  known.set(key, made);
  return made;
}

/** What was captured of each number found, as the script does: [target, national number as it is written]. */
function found(text: string, ...targets: string[]): [target: string, written: string][] {
  const sorted = numberPattern(targets).targets;
  return [...text.matchAll(regExpOf(targets))].map((match) => {
    const groups = match.slice(1);
    const written = groups.filter((group) => group !== undefined);
    expect(written).toHaveLength(1);
    expect(match[0].endsWith(written[0] as string)).toBe(true);
    return [sorted[groups.indexOf(written[0] as string)] as string, written[0] as string];
  });
}

/** A text of a page: the script puts two marks before a line. */
const line = (text: string) => `\0\0${text}`;

const digitsOf = (written: string) => written.normalize('NFKC').replace(/%20|\D/g, '');

const DE = '+493023125123';
const US = '+12025550123';
const GB = '+442079460123';

describe('each way to write a number is found, its national digits captured', () => {
  test.each(formats)('$country $target: $before', ({ target, before, after }) => {
    const all = found(line(before), target);
    // Else the script would not look at the text at all.
    if (all.length > 0) expect(before).toMatch(RegExp(numberPattern([target]).hint));
    for (const [, written] of all) expect(digitsOf(written)).toBe(dialled(target)?.nationalNumber);
    // Some texts are a neighbour of a number only.
    expect(all.length > 0).toBe(before !== after);
  });
});

describe('what only looks like a number is left alone', () => {
  test.each(leftAlone)('$target, $why: $text', ({ target, text }) => {
    expect(found(line(text), target)).toEqual([]);
  });
});

describe('in links', () => {
  test.each([
    ['tel:+493023125123', '3023125123'],
    ['tel:+49-30-23125-123', '30-23125-123'],
    ['tel:+49(0)3023125123', '3023125123'],
    ['tel:03023125123', '3023125123'],
    ['tel:030/23125123', '30/23125123'],
    ['tel:004930 23125123', '30 23125123'],
    ['TEL:+493023125123', '3023125123'],
    ['tel://+493023125123', '3023125123'],
    ['tel:%2B493023125123', '3023125123'],
    ['tel:%2b49%2030%2023125%20123', '30%2023125%20123'],
    ['tel:%20+493023125123', '3023125123'],
    ['tel:%2003023125123', '3023125123'],
    ['tel:+493023125123,,12#', '3023125123'],
    ['tel:+493023125123,45', '3023125123'],
    ['tel:+493023125123;ext=12;isub=3', '3023125123'],
    ['tel:03023125123;phone-context=+49', '3023125123'],
    ['tel:+493023125123pp12', '3023125123'],
    ['tel:+493023125123ww12', '3023125123'],
    ['tel:+493023125123x12', '3023125123'],
    ['tel:+493023125123*12', '3023125123'],
    ['tel:+493023125123%3Bext=12', '3023125123'],
    ['tel:+493023125123#12', '3023125123'],
    ['tel:+493023125123?call', '3023125123'],
    ['sms:+493023125123', '3023125123'],
    ['sms:03023125123&body=Hi', '3023125123'],
    ['sms:+493023125123;?&body=Hallo', '3023125123'],
    ['sms:03023125123?body=Call%20030%2023125123%20or%20030%2023125123', '3023125123'],
  ])('%s', (href, written) => {
    expect(found(href, DE)).toEqual([[DE, written]]);
  });

  test.each([
    'tel/03023125123',
    'telefon.html?n=03023125123',
    'tel-03023125123',
    'sms03023125123',
    'sms:?body=030%2023125123',
    'sms:+49301234567?body=03023125123',
    'tel:+49301234567,03023125123',
    'tel:+4930231251234',
    'tel:+493023125123-4',
    'tel:+433023125123',
    'tel:*2103023125123',
  ])('not in %s', (href) => {
    expect(found(href, DE)).toEqual([]);
  });
});

/** ¦ for the script's mark. */
const marked = (text: string) => text.replaceAll('¦', '\0');

describe('in texts side by side', () => {
  test.each([
    ['0¦30¦ / ¦23125-¦123', ['30¦ / ¦23125-¦123']],
    ['Tel.: ¦030 23125123', ['30 23125123']],
    ['Tel¦030 23125123¦Fax', ['30 23125123']],
    ['+49 ¦(0)¦30 ¦23125¦123', ['30 ¦23125¦123']],
    ['030 23125123¦030 23125123', ['30 23125123', '30 23125123']],
    ['030 23125123¦5 km', ['30 23125123']],
    ['030 23125123¦¦30 23125123', ['30 23125123', '30 23125123']],
    ['0¦30 2312512¦3', ['30 2312512¦3']],
  ])('%s', (text, written) => {
    expect(found(line(marked(text)), DE).map(([, own]) => own)).toEqual(written.map(marked));
  });

  test.each(['030¦¦23125123', '030 23125123¦4', '1¦030 23125123', '+43¦30 23125123'])('not in %s', (text) => {
    expect(found(line(marked(text)), DE)).toEqual([]);
  });
});

test('the longest is first, and taken where both fit', () => {
  const short = '+493023125';
  expect(numberPattern([short, DE, US]).targets).toEqual([US, DE, short]);
  expect(found(line('030 23125-123, 030 23125'), short, DE)).toEqual([
    [DE, '30 23125-123'],
    [short, '30 23125'],
  ]);
});

test('of many each is found by its own group', () => {
  const many = Array.from({ length: 499 }, (_, i) => `+1212555${String(7 * i).padStart(4, '0')}`);
  const { targets, pattern } = numberPattern([...many, DE, '+33199001234']);
  expect(targets).toHaveLength(500);
  const all = [
    ...targets
      .map((target) => `\0\0${target}`)
      .join('')
      .matchAll(RegExp(pattern, 'gi')),
  ];
  expect(all.map((match) => targets[match.slice(1).findIndex((group) => group)])).toEqual(targets);
});

test('the country code tells numbers of two countries apart', () => {
  const other = '+442025550123';
  expect(found(line('+44 202 555 0123, +1 202 555 0123'), US, other)).toEqual([
    [other, '202 555 0123'],
    [US, '202 555 0123'],
  ]);
});

test('an extension that repeats the number’s beginning is no other number', () => {
  expect(found(line('+44 20 7946 0123 ext. 207'), GB)).toEqual([[GB, '20 7946 0123']]);
});

test('the hint is true of few other texts', () => {
  const { hint } = numberPattern([DE, US, GB]);
  // Once for the two that end alike.
  // Two end alike.
  expect(hint.split('|')).toHaveLength(2);
  for (const text of ['$1,234.50', '2026-11-22', 'Open 8 to 18', 'since 1986', ''])
    expect(text).not.toMatch(RegExp(hint));
});

test('without targets nothing is found', () => {
  expect(numberPattern([])).toEqual({ targets: [], pattern: '(?!)', hint: '(?!)' });
  expect(found(line('030 23125123'))).toEqual([]);
});

test('a number of an unknown country is found with a code of two digits, or of one', () => {
  expect(found(line('+21 0 555 1234'), '+215551234')).toEqual([['+215551234', '555 1234']]);
  expect(found(line('(0)55 51234'), '+215551234')).toEqual([['+215551234', '55 51234']]);
});

describe('comes to an end on a text of 300,000', () => {
  test.each([
    ['digits', '2'],
    ['digits that the number begins with', '20255501'],
    ['zeros', '0'],
    ['separators', ' '],
    ['brackets', '('],
    ['hyphens', '-'],
    ['plus signs', '+'],
    ['plus signs and spaces', '+ '],
    ['marks', '\0'],
    ['%20', '%20'],
    ['digits and spaces', '2 '],
    ['digits and marks', '2\0'],
    ['letters', 'a'],
    ['points and letters', '.a'],
    ['digits, letters and points', '1a.'],
    ['URLs', 'http://example.com/2025550123/'],
    ['numbers', '+1 (202) 555-0123, '],
    ['numbers before long gaps', `202${' '.repeat(9_999)}`],
  ])('%s', (_what, piece) => {
    const text = piece.repeat(300_000 / piece.length);
    for (const whole of [line(text), `tel:${text}`, `sms:${text}`]) {
      expect(whole.match(regExpOf([US, DE, GB]))?.length ?? 0).toBeLessThan(300_000);
    }
  });
});
