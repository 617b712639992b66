import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Random bytes are fetched for many ids at once: each fetch is a system call, which costs more than all the rest. */
const RANDOM = new Uint8Array(16 * 256);
let used = RANDOM.length;

function random(): Uint8Array {
  if (used === RANDOM.length) {
    randomFillSync(RANDOM);
    used = 0;
  }
  used += 16;
  return RANDOM.subarray(used - 16, used);
}

let lastMs = 0;
let sequence = 0;

/** A new id: UUIDv7 (RFC 9562), so that rows written together lie together. Ids of one process ascend. */
export function newId(): string {
  const bytes = random();
  const now = Date.now();
  if (now > lastMs) {
    lastMs = now;
    // The counter of RFC 9562, 6.2: begins at random each millisecond, its highest bit clear so that it has room.
    sequence = new DataView(bytes.buffer, bytes.byteOffset).getUint32(6) >>> 1;
  } else sequence += 1;
  return v7({ random: bytes, msecs: lastMs, seq: sequence });
}

/** Whether a text is a well-formed UUID in lower case. */
export const isId = (text: unknown): text is string => typeof text === 'string' && UUID.test(text);
