import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { SettingsRows } from './settings.js';

/** Changes that come so close together are written once. */
const DEBOUNCE_MS = 1_000;
/** Rows between which others have their turn. */
const CHUNK = 1_000;

const KINDS = ['sites', 'trackers', 'numbers', 'keys'] as const;

/** The settings as a server last read them, in a file: for a start while the database is away. */
export interface SettingsCopy {
  /** What was copied, or null: there is none, or it is damaged. */
  read(): Promise<SettingsRows | null>;
  /** Copies them soon, if they have changed. */
  save(rows: SettingsRows): void;
  /** Writes what is to be written. */
  close(): Promise<void>;
}

/** A copy made before sites had channel rules says nothing of them. */
const WITHOUT_RULES = { channel_rules: [], channel_version: 1, channels_derived: false };

const isTime = (key: string) => key === 'created_at' || key === 'retired_at';
const revive = (key: string, value: unknown) =>
  isTime(key) && typeof value === 'string' ? new Date(value) : value;

/** The file's lines: one a row, then a checksum of all. Others have their turn in between. */
async function linesOf(rows: SettingsRows): Promise<{ chunks: string[]; sum: string }> {
  const hash = createHash('sha256');
  const chunks: string[] = [];
  for (const kind of KINDS) {
    const all: unknown[] = rows[kind];
    for (let from = 0; from < all.length; from += CHUNK) {
      const lines = all.slice(from, from + CHUNK).map((row) => `${JSON.stringify([kind, row])}\n`);
      const chunk = lines.join('');
      hash.update(chunk);
      chunks.push(chunk);
      await turn();
    }
  }
  return { chunks, sum: hash.digest('hex') };
}

function parse(content: string): SettingsRows | null {
  const end = content.lastIndexOf('\n', content.length - 2) + 1;
  const body = content.slice(0, end);
  const sum = createHash('sha256').update(body).digest('hex');
  if (content.slice(end) !== `${JSON.stringify(['sum', sum])}\n`) return null;
  const rows: SettingsRows = { sites: [], trackers: [], numbers: [], keys: [] };
  for (const line of body.split('\n')) {
    if (line === '') continue;
    const [kind, row] = JSON.parse(line, revive) as [keyof SettingsRows, never];
    rows[kind].push((kind === 'sites' ? { ...WITHOUT_RULES, ...(row as object) } : row) as never);
  }
  return rows;
}

/** A copy in `folder`, for us alone to read: it holds the providers' secrets. */
export function createSettingsCopy(folder: string, onError: (error: unknown) => void): SettingsCopy {
  const path = join(folder, 'settings.jsonl');
  let latest: SettingsRows | null = null;
  let written = '';
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    const rows = latest;
    if (!rows) return;
    latest = null;
    const { chunks, sum } = await linesOf(rows);
    if (sum === written) return;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const made = `${path}.${randomBytes(4).toString('hex')}`;
    try {
      const file = await open(made, 'wx', 0o600);
      try {
        for (const chunk of chunks) await file.appendFile(chunk);
        await file.appendFile(`${JSON.stringify(['sum', sum])}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      // Whole, or not at all.
      await rename(made, path);
    } catch (error) {
      await unlink(made).catch(() => {});
      throw error;
    }
    const parent = await open(dirname(path), 'r');
    await parent.sync().finally(() => parent.close());
    written = sum;
  }

  function flush(): Promise<void> {
    timer = undefined;
    writing = writing.then(write).catch((error: unknown) => {
      onError(error);
    });
    return writing;
  }

  return {
    async read() {
      try {
        return parse(await readFile(path, 'utf8'));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') onError(error);
        return null;
      }
    },
    save(rows) {
      latest = rows;
      timer ??= setTimeout(() => void flush(), DEBOUNCE_MS).unref();
    },
    async close() {
      clearTimeout(timer);
      await flush();
    },
  };
}
