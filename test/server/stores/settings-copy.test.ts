import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { SettingsRows } from '../../../server/stores/settings.js';
import { createSettingsCopy, type SettingsCopy } from '../../../server/stores/settings-copy.js';
import { newSite, newTracker } from '../../support/settings-rows.js';
import { type TempDir, tempDir } from '../../support/temp-dir.js';

let data: TempDir;
let errors: unknown[];
let copy: SettingsCopy;
beforeEach(() => {
  data = tempDir();
  errors = [];
  copy = createSettingsCopy(join(data.path, 'new'), (error) => errors.push(error));
});
afterEach(() => data.remove());

const folder = () => join(data.path, 'new');
const path = () => join(folder(), 'settings.jsonl');

function rowsOf(numbers: number): SettingsRows {
  const stored = { created_at: new Date('2026-01-02T03:04:05.678Z'), retired_at: null };
  const rules = [{ channel: 'Partners', match: { source: ['a', 'b'] } }];
  const given = { name: 'Zoë\n☎', providers: { twilio: { auth_token: 's3cret' } }, channel_rules: rules };
  const site = { ...newSite(given), channel_version: 7, channels_derived: true, ...stored };
  const tracker = { ...newTracker(site.id, { match: { source: ['a', 'b'] } }), pool_version: 3, ...stored };
  return {
    sites: [site],
    trackers: [tracker],
    numbers: Array.from({ length: numbers }, (_, at) => ({
      number: `+1202555${String(at).padStart(4, '0')}`,
      site_id: site.id,
      tracker_id: tracker.id,
      ...stored,
      retired_at: at % 2 ? new Date('2026-02-03T00:00:00.000Z') : null,
    })),
    keys: [{ id: 'k', name: 'Key', scopes: ['admin'], site_id: null, hash: 'h', ...stored }],
  };
}

/** What a process that starts now would read. */
const readAgain = () => createSettingsCopy(folder(), (error) => errors.push(error)).read();

it('gives back what was saved last, times as times, for its owner alone to read', async () => {
  expect(await copy.read()).toBeNull();
  const rows = rowsOf(2_500);
  copy.save(rowsOf(1));
  copy.save(rows);
  await copy.close();
  expect(await readAgain()).toEqual(rows);
  expect(readdirSync(folder())).toEqual(['settings.jsonl']);
  expect(statSync(path()).mode & 0o777).toBe(0o600);
  expect(errors).toEqual([]);
});

it('is empty where there are no settings', async () => {
  copy.save({ sites: [], trackers: [], numbers: [], keys: [] });
  await copy.close();
  expect(await readAgain()).toEqual({ sites: [], trackers: [], numbers: [], keys: [] });
});

it('is not written again for settings that are the same', async () => {
  const rows = rowsOf(3);
  copy.save(rows);
  await copy.close();
  const { ino } = statSync(path());
  copy.save(structuredClone(rows));
  await copy.close();
  expect(statSync(path()).ino).toBe(ino);
  copy.save(rowsOf(4));
  await copy.close();
  expect(statSync(path()).ino).not.toBe(ino);
});

it('made before sites had channel rules has none of them', async () => {
  const rows = rowsOf(1);
  const old = rows.sites.map(({ channel_rules, channel_version, channels_derived, ...site }) => site);
  copy.save({ ...rows, sites: old as typeof rows.sites });
  await copy.close();
  const read = await readAgain();
  expect(read?.sites).toEqual(
    old.map((site) => ({ ...site, channel_rules: [], channel_version: 1, channels_derived: false })),
  );
});

it('counts as none where it is damaged, anywhere', async () => {
  copy.save(rowsOf(2));
  await copy.close();
  const whole = readFileSync(path());
  for (let at = 0; at < whole.length; at += 7) {
    const broken = Buffer.from(whole);
    broken.writeUInt8(broken.readUInt8(at) ^ 1, at);
    writeFileSync(path(), broken);
    expect(await readAgain()).toBeNull();
  }
  for (const length of [0, 1, whole.length - 5]) {
    writeFileSync(path(), whole);
    truncateSync(path(), length);
    expect(await readAgain()).toBeNull();
  }
});

it('that cannot be written leaves the one before, and is told of', async () => {
  const before = rowsOf(1);
  copy.save(before);
  await copy.close();
  writeFileSync(join(data.path, 'file'), '');
  const nowhere = createSettingsCopy(join(data.path, 'file'), (error) => errors.push(error));
  nowhere.save(rowsOf(2));
  await nowhere.close();
  expect(errors).toEqual([expect.objectContaining({ code: expect.stringMatching(/^E/) })]);
  expect(await readAgain()).toEqual(before);
});
