import { describe, expect, test } from 'vitest';
import { cell, csvStream, csvText, defused } from '../../../server/routes/csv.js';

describe('a cell', () => {
  test.each([
    ['=1+1', "'=1+1"],
    ['=HYPERLINK("http://evil.example","x")', '\'=HYPERLINK("http://evil.example","x")'],
    ['+1+1', "'+1+1"],
    ['-2+3', "'-2+3"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r=1', "'\r=1"],
    ['\n=1', "'\n=1"],
    ['\tboiler', "'\tboiler"],
    [' =1+1', "' =1+1"],
    ['\u00a0=1+1', "'\u00a0=1+1"],
    ['＝1+1', "'＝1+1"],
    ['＋1', "'＋1"],
    ['－1', "'－1"],
    ['＠SUM(A1)', "'＠SUM(A1)"],
    ['vip; =1+1;-2;b', "vip;' =1+1;'-2;b"],
    ['"=1+1"', '"=1+1"'],
    // A number in E.164 is digits and a plus, so it stays one.
    ['+12025550101', '+12025550101'],
    ['+12025550101=1', "'+12025550101=1"],
    ['+12', "'+12"],
    ['boiler = warm', 'boiler = warm'],
    ['', ''],
  ])('%j is written %j', (text, written) => {
    expect(defused(text)).toBe(written);
  });

  test.each([
    [null, ''],
    [undefined, ''],
    [-1.5, '-1.5'],
    [false, 'false'],
    [new Date('2026-10-01T10:00:00Z'), '2026-10-01T10:00:00.000Z'],
    [['vip', 'again'], 'vip; again'],
    [['=1+1'], "'=1+1"],
    [[], ''],
    [{ a: 1 }, '{"a":1}'],
    [{ a: ';=1+1' }, '{"a":";\'=1+1"}'],
    [['vip', '=1+1'], "vip;' =1+1"],
  ])('%j is written %j', (value, written) => {
    expect(cell(value)).toBe(written);
  });
});

describe('a table', () => {
  test('has its columns in front and CRLF behind every line', () => {
    expect(
      csvText(
        [
          { a: 1, b: 'x,"y"' },
          { a: 2, b: 'line\nbreak' },
        ],
        ['a', 'b'],
      ),
    ).toBe('a,b\r\n1,"x,""y"""\r\n2,"line\nbreak"\r\n');
  });

  test('has quotes doubled, so that no cell ends early', () => {
    expect(csvText([{ a: 'x","=1+1' }], ['a'])).toBe('a\r\n"x"",""=1+1"\r\n');
    expect(csvText([{ a: 'x\r\n=1+1' }], ['a'])).toBe('a\r\n"x\r\n=1+1"\r\n');
  });

  test('leaves a cell empty where a row has no such field', () => {
    expect(csvText([{ a: 1 }, { b: 2 }], ['a', 'b'])).toBe('a,b\r\n1,\r\n,2\r\n');
  });

  test('without rows is its columns', () => {
    expect(csvText([], ['a', 'b'])).toBe('a,b\r\n');
  });
});

describe('a streamed table', () => {
  async function* rows(count: number, failAt = Number.POSITIVE_INFINITY) {
    for (let at = 0; at < count; at += 1) {
      if (at === failAt) throw new Error('the database went away');
      yield { at, text: 'x'.repeat(1_000) };
    }
  }

  test('is the same as one made at once', async () => {
    const all: object[] = [];
    for await (const row of rows(300)) all.push(row);
    let text = '';
    for await (const part of csvStream(rows(300), ['at', 'text'])) text += part;
    expect(text).toBe(csvText(all, ['at', 'text']));
  });

  test('reads no more than is taken from it', async () => {
    let read = 0;
    async function* counted() {
      for await (const row of rows(100_000)) {
        read += 1;
        yield row;
      }
    }
    const stream = csvStream(counted(), ['at', 'text']);
    stream.read();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(read).toBeLessThan(1_000);
    stream.destroy();
  });

  test('breaks off where its rows do', async () => {
    const taken = (async () => {
      for await (const part of csvStream(rows(300, 200), ['at', 'text'])) void part;
    })();
    await expect(taken).rejects.toThrow('went away');
  });
});
