import { expect, test } from 'vitest';
import { printedNumbers } from '../../../../server/domain/visits/printed-numbers.js';

test.each<[string, string, string]>([
  ['+12025550123', '+12125550100', '+1 202-555-0123'],
  ['+12025550123', '+12125550100', '(202) 555-0123'],
  ['+12025550123', '+12125550100', '1.202.555.0123'],
  ['+12025550123', '+12125550100', 'tel:+12025550123'],
  ['+442079460123', '+442079460100', '020 7946 0123'],
  ['+442079460123', '+442079460100', '+44 (0)20 7946 0123'],
  ['+442079460123', '+442079460100', '0044 20 7946 0123'],
  ['+442079460123', '+12125550100', '011 44 20 7946 0123'],
  ['+74950000123', '+74950000100', '8 (495) 000-01-23'],
  ['+3612345678', '+3612345600', '06 1 234 5678'],
  ['+81312345678', '+81312345600', '０３-１２３４-５６７８'],
  ['+390612345678', '+390612345600', '06 1234 5678'],
])('%s is seen, where targets are like %s, in %s', (number, target, text) => {
  const numbers = [text, text, 'call us', ''];
  expect(printedNumbers(numbers, [target], (one) => one === number)).toEqual([number]);
});

test('what is no number of ours is none, however it is read', () => {
  const ours = (number: string) => number === '+442079460123';
  for (const text of ['020 7946 0124', '0207946012', '44207946012300', '2025-01-23', ''])
    expect(printedNumbers([text], ['+442079460100', '+12125550100'], ours)).toEqual([]);
});

test('numbers of several countries are read as written in each', () => {
  const ours = new Set(['+442079460123', '+12025550123']);
  const texts = ['(202) 555-0123', '020 7946 0123'];
  const seen = printedNumbers(texts, ['+442079460100', '+12125550100', '+2101234567'], (one) =>
    ours.has(one),
  );
  expect(new Set(seen)).toEqual(ours);
});
