import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeWorkload } from '../../../scripts/simulate/make-workload.js';
import { readWorkload } from '../../../scripts/simulate/workload.js';
import { tempDir } from '../../support/temp-dir.js';

async function read(lines: string[]) {
  const folder = tempDir();
  onTestFinished(() => folder.remove());
  const path = join(folder.path, 'workload.jsonl');
  writeFileSync(path, lines.join('\n'));
  return readWorkload(path);
}
const visit =
  '{"t": 1, "type": "visit", "visitor": "v1", "until": 60, "source": "google", "device": "mobile"}';

it('a workload is read an event a line, blank lines left out', async () => {
  const events = await read([
    visit,
    '',
    '{"t": 20.5, "type": "tap", "visitor": "v1"}\r',
    '{"t": 21, "type": "call", "visitor": "v1", "from": "+12125550170"}',
    '{"t": 21, "type": "call", "visitor": "v2", "from": null}',
    '{"t": 22, "type": "visit", "visitor": "v3", "until": 22}',
    '',
  ]);
  expect(events).toEqual([
    { t: 1, type: 'visit', visitor: 'v1', until: 60, source: 'google', device: 'mobile' },
    { t: 20.5, type: 'tap', visitor: 'v1' },
    { t: 21, type: 'call', visitor: 'v1', from: '+12125550170' },
    { t: 21, type: 'call', visitor: 'v2', from: null },
    { t: 22, type: 'visit', visitor: 'v3', until: 22 },
  ]);
});

it.each([
  ['no JSON', '{"t": 2,', 'not JSON'],
  ['another type', '{"t": 2, "type": "mail", "visitor": "v1"}', 'type'],
  ['no visitor', '{"t": 2, "type": "tap"}', 'visitor'],
  ['a time that is none', '{"t": "2", "type": "tap", "visitor": "v1"}', 't'],
  ['another device', '{"t": 2, "type": "visit", "visitor": "v", "until": 3, "device": "tv"}', 'device'],
  ['an order that is not of time', '{"t": 0.9, "type": "tap", "visitor": "v1"}', 'earlier'],
  [
    'a visit that ends before it begins',
    '{"t": 9, "type": "visit", "visitor": "v", "until": 8}',
    'ends before',
  ],
])('a line is told that is wrong: %s', async (_, line, why) => {
  await expect(read([visit, '', line, visit])).rejects.toThrow(/line 3: /);
  await expect(read([visit, line])).rejects.toThrow(why);
});

const settings = { seed: 5, days: 4, visitsPerHour: 60, callers: 0.2, delays: 'mixed' } as const;

it('what is made up can be read, is the same for the same seed and another for another', async () => {
  const made = makeWorkload(settings);
  expect(await read(made.map((event) => JSON.stringify(event)))).toEqual(made);
  expect(makeWorkload(settings)).toEqual(made);
  expect(makeWorkload({ ...settings, seed: 6 })).not.toEqual(made);
});

it('what is made up has the visits asked for, by day rather than by night, and callers of every kind', () => {
  const made = makeWorkload(settings);
  const visits = made.filter((event) => event.type === 'visit');
  const calls = made.filter((event) => event.type === 'call');
  expect(visits.length / (4 * 24)).toBeGreaterThan(54);
  expect(visits.length / (4 * 24)).toBeLessThan(66);
  const hours = visits.map(({ t }) => Math.floor(t / 3600) % 24);
  const within = (from: number, to: number) => hours.filter((hour) => hour >= from && hour < to).length;
  expect(within(13, 19)).toBeGreaterThan(2 * within(1, 7));
  const callers = new Set(calls.map(({ visitor }) => visitor));
  expect(calls.length).toBeGreaterThan(callers.size);
  expect(calls.length / visits.length).toBeGreaterThan(0.2);
  const visitors = new Set(visits.map(({ visitor }) => visitor));
  expect(visitors.size / visits.length).toBeCloseTo(0.8, 1);
  const withheld = calls.filter(({ from }) => from === null).length / calls.length;
  expect(withheld).toBeGreaterThan(0.03);
  expect(withheld).toBeLessThan(0.15);
  expect(made.some(({ type }) => type === 'tap')).toBe(true);
  // Nobody calls before they were there.
  for (const { visitor, t } of calls)
    expect(visits.find((one) => one.visitor === visitor)?.t).toBeLessThan(t);
});
