import { expect, test } from 'vitest';
import { faultsOf, type SentCost } from '../../../../server/domain/reports/costs.js';

const cost = (given: Partial<SentCost> = {}): SentCost => ({
  date: '2026-10-31',
  source: 'google',
  medium: 'cpc',
  campaign: '',
  keyword: '',
  cost: 1,
  clicks: null,
  impressions: null,
  ...given,
});
const placeOf = (at: number) => `costs.${at}`;

test('costs that differ in one part of their key are right, and so is the own currency', () => {
  const parts = [
    { date: '2026-11-01' },
    { source: 'bing' },
    { medium: '' },
    { campaign: 'a' },
    { keyword: 'a' },
  ];
  const costs = [cost({ currency: 'EUR' }), ...parts.map(cost)];
  expect(faultsOf(costs, 'EUR', placeOf)).toEqual([]);
});

test('a key that comes twice is told with the row that has it already', () => {
  const costs = [cost(), cost({ source: 'bing' }), cost({ cost: 2 })];
  expect(faultsOf(costs, 'USD', placeOf)).toEqual([
    { path: 'costs.2', message: 'has the day and key of costs.0' },
  ]);
});

test('another currency is told row by row, up to a hundred', () => {
  const costs = Array.from({ length: 150 }, (_, at) => cost({ keyword: `${at}`, currency: 'GBP' }));
  const faults = faultsOf(costs, 'USD', (at) => `lines.${at + 2}`);
  expect(faults).toHaveLength(100);
  expect(faults[0]).toEqual({
    path: 'lines.2.currency',
    message: 'is GBP, but the site counts in USD, and no exchange rates are kept',
  });
});
