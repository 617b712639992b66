import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeRecord, scanRecords } from '../../../../server/stores/spool/records.js';

const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }), { minLength: 1, maxLength: 6 });
const fileOf = (records: string[], room: number) =>
  Buffer.concat([...records.map(encodeRecord), Buffer.alloc(room)]);

describe('records', () => {
  it('are read as they were written, up to the zeros behind them', () => {
    fc.assert(
      fc.property(texts, fc.nat(50), (written, room) => {
        const file = fileOf(written, room);
        expect(scanRecords(file)).toEqual({ texts: written, end: file.length - room, isDamaged: false });
      }),
    );
    expect(scanRecords(Buffer.alloc(100))).toEqual({ texts: [], end: 0, isDamaged: false });
    expect(scanRecords(Buffer.alloc(0))).toEqual({ texts: [], end: 0, isDamaged: false });
  });

  it('a crash at any byte of the last one costs that one alone', () => {
    const last = encodeRecord(JSON.stringify({ id: 'last', name: 'Zoë ☎' }));
    const before = ['{"id":"first"}', '{"id":"second"}'];
    const start = fileOf(before, 0).length;
    for (let cut = 0; cut < last.length; cut += 1) {
      const file = fileOf(before, last.length + 30);
      last.copy(file, start, 0, cut);
      expect(scanRecords(file)).toEqual({ texts: before, end: start, isDamaged: cut > 0 });
    }
  });

  it('any byte that goes wrong costs the one that it is in, and none behind it', () => {
    fc.assert(
      fc.property(texts, fc.nat(), fc.integer({ min: 1, max: 255 }), (written, at, by) => {
        const file = fileOf(written, 20);
        const place = at % (file.length - 20);
        file.writeUInt8((file.readUInt8(place) + by) % 256, place);
        let from = 0;
        const lost = written.findIndex((text) => {
          from += encodeRecord(text).length;
          return place < from;
        });
        const scanned = scanRecords(file);
        expect(scanned.isDamaged).toBe(true);
        expect(scanned.texts).toEqual(written.filter((_, at) => at !== lost));
      }),
    );
  });

  it('parts of a write that reached the disk without those before them are read', () => {
    const [one, two, three] = ['one', 'two', 'three'].map(encodeRecord) as [Buffer, Buffer, Buffer];
    const file = Buffer.concat([one, Buffer.alloc(two.length), three]);
    expect(scanRecords(file)).toEqual({ texts: ['one', 'three'], end: file.length, isDamaged: false });
  });
});
