import { crc32 } from 'node:zlib';

/** Begins a record. No bytes of UTF-8, so it stands in no record but at its beginning. */
const MAGIC = Buffer.from([0xff, 0xd1, 0xfe, 0xca]);
/** The magic, the length of the text, and the CRC-32 of length and text, each four bytes. */
const HEADER = 12;

/** Of the length too: of nothing at all it would be 0, as the bytes are that were never written. */
const sumOf = (length: Buffer, body: Buffer): number => crc32(body, crc32(length));

/** A text as a record: whoever reads it knows whether it is whole. */
export function encodeRecord(text: string): Buffer {
  const body = Buffer.from(text, 'utf8');
  const header = Buffer.alloc(HEADER);
  MAGIC.copy(header);
  header.writeUInt32LE(body.length, 4);
  header.writeUInt32LE(sumOf(header.subarray(4, 8), body), 8);
  return Buffer.concat([header, body]);
}

export interface Scanned {
  texts: string[];
  /** Where the last whole record ends: the next is written there. */
  end: number;
  /** Whether there is anything but whole records and zeros: a write that a crash cut short, or a damaged disk. */
  isDamaged: boolean;
}

/** The record that begins at this byte, if it is whole. */
function recordAt(content: Buffer, at: number): Buffer | null {
  if (at + HEADER > content.length) return null;
  const length = content.readUInt32LE(at + 4);
  const body = content.subarray(at + HEADER, at + HEADER + length);
  const sum = sumOf(content.subarray(at + 4, at + 8), body);
  return body.length === length && sum === content.readUInt32LE(at + 8) ? body : null;
}

/** All whole records, in order. What is damaged costs itself alone: the next whole one is looked for behind it. */
export function scanRecords(content: Buffer): Scanned {
  const texts: string[] = [];
  let end = 0;
  let isDamaged = false;
  for (let at = 0; ; ) {
    const found = content.indexOf(MAGIC, at);
    if (found !== at)
      isDamaged ||= content.subarray(at, found < 0 ? undefined : found).some((byte) => byte !== 0);
    if (found < 0) return { texts, end, isDamaged };
    const body = recordAt(content, found);
    if (body) {
      texts.push(body.toString('utf8'));
      at = end = found + HEADER + body.length;
    } else {
      isDamaged = true;
      at = found + MAGIC.length;
    }
  }
}
