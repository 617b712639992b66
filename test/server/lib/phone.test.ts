import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  displayNumber,
  maskPhone,
  maskPhones,
  parseCaller,
  parseE164,
  readPhone,
} from '../../../server/lib/phone.js';

describe('parseE164', () => {
  it.each([
    ['+12025550133', '+12025550133'],
    ['12025550133', '+12025550133'],
    [' 12025550133', '+12025550133'],
    ['+1 (202) 555-0133', '+12025550133'],
    [' 1 202 555 0133', '+12025550133'],
    ['+44\u00a020\u20117946\u20110123', '+442079460123'],
    ['\u202a+7 495 123-45-67\u202c', '+74951234567'],
    ['+49 30/23125-123', '+493023125123'],
    ['+1.202.555.0133\n', '+12025550133'],
    ['+441632960123', '+441632960123'],
    ['+1234567', '+1234567'],
  ])('reads %j', (input, expected) => {
    expect(parseE164(input)).toBe(expected);
  });

  it.each<[unknown, string]>([
    ['(202) 555-0133', 'a national number'],
    ['202-555-0133', 'a national number'],
    ['8 (495) 123-45-67', 'a national number with its trunk prefix'],
    ['+44 (0)20 7946 0123', 'a trunk zero in brackets'],
    ['0044 20 7946 0123', 'an international prefix'],
    ['+0123456789', 'no country code begins with 0'],
    ['+123456', 'too short'],
    ['+1234567890123456', 'too long'],
    ['+1-800-FLOWERS', 'letters'],
    ['++12025550133', 'two pluses'],
    ['+12025550133 ext 5', 'an extension'],
    ['', 'empty'],
    ['+', 'only a plus'],
    [12025550133, 'not a text'],
    [null, 'not a text'],
    [undefined, 'not a text'],
    [['+12025550133'], 'not a text'],
    [`+1${' '.repeat(10_000)}2025550133`, 'far too long'],
  ])('refuses %j: %s', (input) => {
    expect(parseE164(input)).toBeNull();
  });

  it('never throws, and what it returns is E.164', () => {
    fc.assert(
      fc.property(fc.anything(), (input) => {
        const number = parseE164(input);
        if (number !== null) expect(number).toMatch(/^\+[1-9]\d{6,14}$/);
      }),
    );
  });
});

describe('parseCaller', () => {
  it.each([
    ['+12025550133', '+12025550133'],
    [' 12025550133', '+12025550133'],
    ['sip:+12025550133@pbx.example', '+12025550133'],
    ['sip:%2B12025550133@pbx.example;transport=udp', '+12025550133'],
    ['sips:12025550133@10.0.0.1', '+12025550133'],
    ['"A. Caller" <sip:+12025550133@pbx.example>;tag=1', '+12025550133'],
    ['tel:+1-202-555-0133;ext=5', '+12025550133'],
  ])('reads %j', (input, expected) => {
    expect(parseCaller(input)).toBe(expected);
  });

  it.each([
    'anonymous',
    'Anonymous',
    'Restricted',
    'unknown',
    'PRIVATE',
    'unavailable',
    'blocked',
    '',
    ' ',
    '+266696687',
    '266696687',
    '+7378742833',
    '+86282452253',
    'sip:anonymous@anonymous.invalid',
    '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=9',
    'sip:2001@pbx.example',
    'client:alice',
    '611',
    null,
    undefined,
  ])('%j is nobody', (input) => {
    expect(parseCaller(input)).toBeNull();
  });
});

describe('maskPhone', () => {
  it.each([
    ['+12025550133', '+*******0133'],
    ['+1 (202) 555-0133', '+* (***) ***-0133'],
    ['0133', '0133'],
    ['', ''],
  ])('%j becomes %j', (text, expected) => {
    expect(maskPhone(text)).toBe(expected);
  });
});

describe('maskPhones', () => {
  it.each([
    ['call from +12025550133 to +442079460123.', 'call from +*******0133 to +********0123.'],
    ['/v1/calls?q=%2B12025550133&page=2', '/v1/calls?q=%2B*******0133&page=2'],
    ['/v1/calls?q=1%20202%20555%200133', '/v1/calls?q=*%20***%20***%200133'],
    ['q=+1+202+555+0133', 'q=+*+***+***+0133'],
    ['8 (495) 123-45-67', '* (***) ***-45-67'],
    ['took 123456 ms, status 200', 'took 123456 ms, status 200'],
    ['/v1/calls/01976543-2109-7654-8321-012345678901', '/v1/calls/01976543-2109-7654-8321-012345678901'],
    ['CA12345678901234567890123456789012 ended', 'CA12345678901234567890123456789012 ended'],
    ['', ''],
  ])('%j becomes %j', (text, expected) => {
    expect(maskPhones(text)).toBe(expected);
  });

  it('leaves no number readable, wherever it stands', () => {
    const number = fc.stringMatching(/^[1-9][0-9]{6,14}$/);
    fc.assert(
      fc.property(fc.string(), number, fc.string(), (before, digits, after) => {
        expect(maskPhones(`${before} +${digits} ${after}`)).not.toContain(digits);
      }),
    );
  });

  it('takes no time on a hostile text', () => {
    const started = performance.now();
    maskPhones('1 '.repeat(50_000) + '%2'.repeat(50_000) + '-'.repeat(50_000));
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('displayNumber', () => {
  it.each([
    ['+12025550133', 'US', '(202) 555-0133'],
    ['+12025550133', 'CA', '(202) 555-0133'],
    ['+12025550133', 'GB', '+1 202 555 0133'],
    ['+442079460123', 'GB', '020 7946 0123'],
    ['+441632960123', 'GB', '01632 960123'],
    ['+74951234567', 'RU', '8 (495) 123-45-67'],
    ['+74951234567', 'DE', '+7 495 123 45 67'],
    ['+493023125123', 'DE', '030 23125123'],
    ['+33199001234', 'FR', '01 99 00 12 34'],
    ['+12025550133', 'XX', '+1 202 555 0133'],
    ['+12025550133', '', '+1 202 555 0133'],
    ['not a number', 'US', 'not a number'],
  ])('%s in %s is %s', (e164, region, expected) => {
    expect(displayNumber(e164, region)).toBe(expected);
  });

  it('never throws and always returns something for a number', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\+[1-9]\d{6,14}$/), fc.string(), (e164, region) => {
        expect(displayNumber(e164, region).replace(/\D/g, '')).not.toBe('');
      }),
    );
  });
});

describe('readPhone', () => {
  it.each([
    ['+12025550199', 'US', '+12025550199'],
    ['(202) 555-0199;ext=45', 'US', '+12025550199'],
    ['2025550199', 'US', '+12025550199'],
    ['(202)%20555-0199,,45#', 'US', '+12025550199'],
    ['%2B442079460987', 'US', '+442079460987'],
    ['020 7946 0987', 'GB', '+442079460987'],
    ['+49 (0)30 23125987', 'GB', '+493023125987'],
    ['84950000987', 'RU', '+74950000987'],
    ['+12025550199', 'nowhere', '+12025550199'],
    ['call', 'US', null],
    ['', 'US', null],
  ])('%s in %s is %s', (text, region, number) => {
    expect(readPhone(text, region)).toBe(number);
  });
});
