import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanText } from '../../../server/lib/text.js';

/** Any text a browser or a provider could send, halves of surrogate pairs included. */
const anyText = fc
  .string({ unit: 'binary', maxLength: 300 })
  .chain((text) =>
    fc
      .constantFrom('', '\u0000', '\ud83d', '\udc00', '\u0085', '\r\n', ' ')
      .map((junk) => junk + text + junk),
  );

describe('cleanText', () => {
  it.each([
    ['plain text stays', 'boiler repair', 100, 'boiler repair'],
    ['NUL is dropped', 'a\u0000b', 100, 'ab'],
    ['C0, DEL and C1 are dropped', 'a\u0001\u001f\u007f\u0080\u009fb', 100, 'ab'],
    ['a tab becomes a space', 'a\tb', 100, 'a b'],
    ['a line break becomes one space', 'a\r\nb\nc', 100, 'a b c'],
    ['blanks around it go', ' \u00a0\n a \t', 100, 'a'],
    ['half a pair becomes the replacement character', 'a\ud83db', 100, 'a\ufffdb'],
    ['a pair stays', 'a😀', 100, 'a😀'],
    ['it is cut', 'abcdef', 3, 'abc'],
    ['it is not cut inside a pair', 'ab😀', 3, 'ab'],
    ['it is cut after a pair', 'ab😀c', 4, 'ab😀'],
    ['a blank at the cut goes', 'ab cd', 3, 'ab'],
    ['Cyrillic stays', 'ремонт котлов', 100, 'ремонт котлов'],
    ['nothing stays nothing', '', 100, ''],
    ['no room leaves nothing', 'abc', 0, ''],
    ['no room for a pair leaves nothing', '😀', 1, ''],
  ])('%s', (_, text, maxLength, expected) => {
    expect(cleanText(text, maxLength)).toBe(expected);
  });

  it('is always well-formed, without controls, short enough and stable', () => {
    fc.assert(
      fc.property(anyText, fc.nat(50), (text, maxLength) => {
        const clean = cleanText(text, maxLength);
        expect(clean.length).toBeLessThanOrEqual(maxLength);
        expect(clean.isWellFormed()).toBe(true);
        expect(clean).not.toMatch(/\p{Cc}/u);
        expect(clean).toBe(clean.trim());
        expect(cleanText(clean, maxLength)).toBe(clean);
      }),
    );
  });
});
