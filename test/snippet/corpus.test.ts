import { describe, expect, test } from 'vitest';
import formats from '../fixtures/number-formats.json' with { type: 'json' };
import leftAlone from '../fixtures/texts-left-alone.json' with { type: 'json' };
import { openPage, reply, swap } from './page.js';

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** What becomes of pieces of a page, each in an element of its own, where `number` is shown for `target`. */
async function swapped(target: string, number: string, pieces: string[]): Promise<Element[]> {
  const page = await openPage({
    body: pieces.map((html) => `<div class="case">${html}</div>`).join(''),
    config: { targets: [target] },
    answer: () => reply([swap(target, number)]),
  });
  return [...page.document.querySelectorAll('.case')];
}

/** One page for all texts of a pair of numbers: what became of each. */
async function all<Case extends { target: string }>(
  cases: Case[],
  numberOf: (one: Case) => string,
  textOf: (one: Case) => string,
): Promise<Map<Case, string | null>> {
  const became = new Map<Case, string | null>();
  const pairOf = (one: Case) => `${one.target} ${numberOf(one)}`;
  for (const pair of new Set(cases.map(pairOf))) {
    const [target, number] = pair.split(' ') as [string, string];
    const group = cases.filter((one) => pairOf(one) === pair);
    const pieces = await swapped(
      target,
      number,
      group.map((one) => escaped(textOf(one))),
    );
    group.forEach((one, i) => {
      became.set(one, pieces[i]?.textContent ?? null);
    });
  }
  return became;
}

describe('a number is found and keeps its format', async () => {
  const became = await all(
    formats,
    ({ number }) => number,
    ({ before }) => before,
  );
  test.each(formats)('$country $target → $number: $before', (one) => {
    expect(became.get(one)).toBe(one.after);
  });
});

describe('a text that only looks like it stays', async () => {
  const became = await all(
    leftAlone,
    ({ target }) => target.replace(/\d{3}$/, '987'),
    ({ text }) => text,
  );
  test.each(leftAlone)('$target, $why: $text', (one) => {
    expect(became.get(one)).toBe(one.text);
  });
});

const MARKUP: [before: string, after: string][] = [
  // As React and others render a number in pieces.
  ['0<!-- -->30<!-- --> / <!-- -->23125-<!-- -->123', '0<!-- -->30<!-- --> / <!-- -->23125-<!-- -->987'],
  ['Tel.: <!-- -->030 23125123', 'Tel.: <!-- -->030 23125987'],
  [
    '+49 <!-- -->(0)<!-- -->30 <!-- -->23125<!-- -->123',
    '+49 <!-- -->(0)<!-- -->30 <!-- -->23125<!-- -->987',
  ],
  ['030<!----> <!---->23125<!---->123', '030<!----> <!---->23125<!---->987'],
  ['<!--[-->030 23125<!--]--><!--[-->123<!--]-->', '<!--[-->030 23125<!--]--><!--[-->987<!--]-->'],
  // Inline elements around parts of it, or around all.
  ['<b>030</b> 23125<i>123</i>', '<b>030</b> 23125<i>987</i>'],
  [
    '<span>+49</span> <span>(0)30</span> <span>23125-123</span>',
    '<span>+49</span> <span>(0)30</span> <span>23125-987</span>',
  ],
  [
    '<small>Tel.</small> <strong>030 / 23125<em>123</em></strong>',
    '<small>Tel.</small> <strong>030 / 23125<em>987</em></strong>',
  ],
  [
    '<span><span>030</span></span><span> <span>23125123</span></span>',
    '<span><span>030</span></span><span> <span>23125987</span></span>',
  ],
  ['<b>0</b>30 2312512<b>3</b>', '<b>0</b>30 2312598<b>7</b>'],
  [
    '<strong>030</strong>-<span style="color:red">23125</span>-123',
    '<strong>030</strong>-<span style="color:red">23125</span>-987',
  ],
  ['<span itemprop="telephone">030 23125123</span>', '<span itemprop="telephone">030 23125987</span>'],
  [
    '<address>Shop<br>030 23125123<br>10115 Berlin</address>',
    '<address>Shop<br>030 23125987<br>10115 Berlin</address>',
  ],
  ['<button type="button">030 23125123</button>', '<button type="button">030 23125987</button>'],
  ['<label>Tel. <bdi>030 23125123</bdi></label>', '<label>Tel. <bdi>030 23125987</bdi></label>'],
  ['<h2>030&nbsp;23125&#8209;123</h2>', '<h2>030&nbsp;23125\u2011987</h2>'],
  ['030&thinsp;/&thinsp;23125&ndash;123', '030\u2009/\u200923125\u2013987'],
  ['030&shy;23125&ZeroWidthSpace;123', '030\u00ad23125\u200b987'],
  ['<svg><text>030 23125123</text></svg>', '<svg><text>030 23125987</text></svg>'],
  [
    '<table><tbody><tr><td>Tel.</td><td>030 23125123</td></tr></tbody></table>',
    '<table><tbody><tr><td>Tel.</td><td>030 23125987</td></tr></tbody></table>',
  ],
  ['<ul><li>030 23125123</li><li>4 Filialen</li></ul>', '<ul><li>030 23125987</li><li>4 Filialen</li></ul>'],
  ['<code>030 23125123</code>', '<code>030 23125987</code>'],
  [
    '<span>030 23125123</span><span>030 23125123</span>',
    '<span>030 23125987</span><span>030 23125987</span>',
  ],
  ['<i class="icon"></i>030 23125123<sup>*</sup>', '<i class="icon"></i>030 23125987<sup>*</sup>'],
  // Links, with what is dialled behind the number.
  ['<a href="tel:+493023125123">030 23125-123</a>', '<a href="tel:+493023125987">030 23125-987</a>'],
  ['<a href="tel:+49-30-23125-123">x</a>', '<a href="tel:+49-30-23125-987">x</a>'],
  ['<a href="tel:+49(0)3023125123">x</a>', '<a href="tel:+49(0)3023125987">x</a>'],
  ['<a href="tel:03023125123">x</a>', '<a href="tel:03023125987">x</a>'],
  ['<a href="tel:030/23125123">x</a>', '<a href="tel:030/23125987">x</a>'],
  ['<a href="tel:004930 23125123">x</a>', '<a href="tel:004930 23125987">x</a>'],
  ['<a href="tel:+493023125123,,12#">x</a>', '<a href="tel:+493023125987,,12#">x</a>'],
  ['<a href="tel:+493023125123;ext=12;isub=3">x</a>', '<a href="tel:+493023125987;ext=12;isub=3">x</a>'],
  ['<a href="tel:03023125123;phone-context=+49">x</a>', '<a href="tel:03023125987;phone-context=+49">x</a>'],
  ['<a href="tel:+493023125123pp12">x</a>', '<a href="tel:+493023125987pp12">x</a>'],
  ['<a href="tel:+493023125123ww12">x</a>', '<a href="tel:+493023125987ww12">x</a>'],
  ['<a href="tel:+493023125123*12">x</a>', '<a href="tel:+493023125987*12">x</a>'],
  ['<a href="tel:+493023125123?call">x</a>', '<a href="tel:+493023125987?call">x</a>'],
  ['<a href="tel:%2B493023125123">x</a>', '<a href="tel:%2B493023125987">x</a>'],
  ['<a href="tel:+49%2030%2023125%20123">x</a>', '<a href="tel:+49%2030%2023125%20987">x</a>'],
  [
    '<a href="sms:03023125123?body=030%2023125123">x</a>',
    '<a href="sms:03023125987?body=030%2023125123">x</a>',
  ],
  [
    '<a href="sms:+493023125123;?&amp;body=Hallo">x</a>',
    '<a href="sms:+493023125987;?&amp;body=Hallo">x</a>',
  ],
  ['<a href="SMS:+493023125123">x</a>', '<a href="SMS:+493023125987">x</a>'],
  // No number, or not for us.
  ...[
    '<p>030</p><p>23125123</p>',
    '030 23125123<!-- -->4',
    '1<!-- -->030 23125123',
    '<select><option>030231251234</option></select>',
    '<a href="https://wa.me/493023125123">WhatsApp</a>',
    '<a href="https://example.de/?tel=03023125123">x</a>',
    '<a href="mailto:03023125123@example.de">x</a>',
    '<a href="tel:+4930231251234">x</a>',
    '<a href="tel:+433023125123">x</a>',
    '<a href="tel:*2103023125123">x</a>',
    '<img alt="030 23125123" src="data:,030%2023125123">',
    '<meta itemprop="telephone" content="+493023125123">',
    '<script type="application/ld+json">{"telephone":"+493023125123"}</script>',
    '<textarea>030 23125123</textarea>',
    '<button type="button" value="030 23125123" data-phone="03023125123">x</button>',
  ].map((html): [string, string] => [html, html]),
];

test.each(MARKUP)('in markup: %s', async (before, after) => {
  const [piece] = await swapped('+493023125123', '+493023125987', [before]);
  expect(piece?.innerHTML).toBe(after);
});

test('of two targets the longer one is taken where both fit', async () => {
  const page = await openPage({
    body: '<p>030 23125-123</p><p>030 23125</p>',
    config: { targets: ['+493023125', '+493023125123'] },
    answer: () => reply([swap('+493023125', '+493023999'), swap('+493023125123', '+493023125987')]),
  });
  expect(page.html()).toBe('<p>030 23125-987</p><p>030 23999</p>');
});
