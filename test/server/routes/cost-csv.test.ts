import { expect, test } from 'vitest';
import type { Problem } from '../../../server/lib/errors.js';
import { readCostsCsv } from '../../../server/routes/cost-csv.js';

const faultsOf = (text: string): Record<string, string> => {
  try {
    readCostsCsv(text);
  } catch (error) {
    const { code, errors = [] } = error as Problem;
    expect(code).toBe('invalid_request');
    return Object.fromEntries(errors.map(({ path, message }) => [path, message]));
  }
  return {};
};

test('columns come in any order and case, cells quoted or not, and each row knows its line', () => {
  const text =
    '\ufeffCost,Date,Source,medium,campaign,clicks\r\n' +
    '12.34,2026-10-01,google,cpc,"Summer, ""big""",5\r\n' +
    '\r\n' +
    '0, 2026-10-02 ,flyer,,,\r\n';
  const none = { keyword: '', impressions: null };
  expect(readCostsCsv(text)).toEqual({
    costs: [
      {
        ...none,
        date: '2026-10-01',
        source: 'google',
        medium: 'cpc',
        campaign: 'Summer, "big"',
        cost: 12.34,
        clicks: 5,
      },
      { ...none, date: '2026-10-02', source: 'flyer', medium: '', campaign: '', cost: 0, clicks: null },
    ],
    lines: [2, 4],
  });
});

test('an amount is digits with a point, and what is wrong is told by line and column', () => {
  const head = 'date,source,medium,cost,clicks,currency\n';
  expect(
    Object.keys(faultsOf(`${head}2026-10-01,google,cpc,"1,234.50",1.5,USD\n\n2026-13-01,,,€5,,EURO\n`)),
  ).toEqual([
    'lines.2.cost',
    'lines.2.clicks',
    'lines.4.date',
    'lines.4.source',
    'lines.4.cost',
    'lines.4.currency',
  ]);
  for (const amount of ['', '-1', '1e3', '0x10', ' ', '1.', 'NaN'])
    expect(Object.keys(faultsOf(`date,source,medium,cost\n2026-10-01,google,cpc,${amount}\n`))).toEqual([
      'lines.2.cost',
    ]);
});

test('a column that is missing, twice or unknown is named', () => {
  expect(faultsOf('date,Price,source,date\n2026-10-01,1,google,2026-10-01\n')).toEqual({
    'lines.1.price': 'is not a column here',
    'lines.1.date': 'is there twice',
    'lines.1.medium': 'is missing',
    'lines.1.cost': 'is missing',
  });
});

test('a file that is broken is refused by its line', () => {
  expect(
    Object.keys(faultsOf('date,source,medium,cost\n2026-10-01,google,cpc,1\n2026-10-02,google\n')),
  ).toEqual(['lines.3']);
  expect(Object.keys(faultsOf('date,source,medium,cost\n2026-10-01,"google,cpc,1\n'))).toEqual(['lines.2']);
});

test('no more than a hundred errors are told, and no more than 10,000 rows taken', () => {
  const rows = (count: number, amount: string) =>
    `date,source,medium,keyword,cost\n${Array.from({ length: count }, (_, at) => `2026-10-01,google,cpc,k${at},${amount}`).join('\n')}`;
  expect(Object.keys(faultsOf(rows(150, 'much')))).toHaveLength(100);
  expect(readCostsCsv(rows(10_000, '1')).costs).toHaveLength(10_000);
  expect(faultsOf(rows(10_001, '1'))).toEqual({ costs: 'are more than 10000' });
});
