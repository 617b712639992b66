import { describe, expect, test } from 'vitest';
import { NUMBER, openPage, type Page, reply, swap, TARGET } from './page.js';

const send = async (page: Page, selector = 'form') => {
  const form = page.document.querySelector(selector) as HTMLFormElement;
  form.dispatchEvent(new page.window.Event('submit', { bubbles: true, cancelable: true }));
  await page.settle();
  return page.events.filter(({ type }) => type === 'lead').map(({ lead }) => lead);
};

test('a page that needs nothing of it does not load it', async () => {
  const page = await openPage();
  await page.pass(120_000);
  expect(page.loads).toEqual([]);
});

test('it is loaded once, from where the script is', async () => {
  const page = await openPage({ body: '<p>202-555-0123</p><iframe src="https://other.example/"></iframe>' });
  await page.pass(10_000);
  expect(page.loads).toEqual(['https://dni.example/dni/more.js']);
  expect(page.errors).toEqual([]);
});

test('where it is blocked the page works, and it is not asked for again', async () => {
  const page = await openPage({ body: '<p>202-555-0123</p><b data-dni-code>-</b>', second: false });
  await page.pass(10_000);
  expect(page.text('p')).toBe('202-555-0199');
  expect(page.text('b')).toBe('-');
  expect(page.loads).toHaveLength(1);
  expect(page.errors).toEqual([]);
});

describe('a form', () => {
  test('tells the fields that its owner named, under their names or others, and nothing else', async () => {
    const page = await openPage({
      body: `<p>202-555-0123</p><form data-dni-lead="name=your-name, phone=tel email message newsletter terms secret card pin">
        <input name="your-name" value=" Ann "><input name="tel" value="+1 212 555 0198"><input name="email" value="">
        <textarea name="message">Boiler</textarea><input name="company" value="not named">
        <input type="checkbox" name="newsletter" value="yes"><input type="checkbox" name="terms" value="yes" checked>
        <input type="password" name="secret" value="x"><input name="card" value="4111 1111 1111 1111">
        <input name="pin" autocomplete="cc-csc" value="123"></form>`,
    });
    await page.pass(2_000);
    expect(await send(page)).toEqual([
      { name: 'Ann', phone: '+1 212 555 0198', fields: { message: 'Boiler', terms: 'yes' } },
    ]);
    expect(page.errors).toEqual([]);
  });

  test('that names none tells nothing, nor does one that is not marked', async () => {
    const page = await openPage({
      body: `<form id="a" data-dni-lead><input name="email" value="a@b.example"></form>
        <form id="b"><input name="email" value="a@b.example"></form>`,
    });
    await page.pass(2_000);
    expect(await send(page, '#a')).toEqual([]);
    expect(await send(page, '#b')).toEqual([]);
  });
});

test('asked to, it tells which numbers the page shows by itself', async () => {
  const page = await openPage({
    body: `<p>202-555-0123 or (202) 555-0177</p><p>in 2026, from 9:00 to 18:00</p><script>"202-555-0111"</script>
      <a href="tel:+12025550188;ext=1">Call</a>`,
    answer: () => ({ ...reply([swap()]), check: true }),
  });
  await page.pass(2_000);
  const told = page.events.find((event) => event.printed);
  expect(told?.type).toBe('renew');
  expect(told?.printed).toEqual(['(202) 555-0177', '+12025550188']);
  expect(page.events.filter((event) => event.printed)).toHaveLength(1);
});

test('labels are swapped where the page asks for it', async () => {
  const page = await openPage({
    body: `<p>202-555-0123</p><a data-dni="labels" aria-label="Call 202-555-0123">x</a>
      <i title="202-555-0123"></i><div data-dni="off"><b data-dni="labels" title="202-555-0123"></b></div>`,
  });
  await page.pass(2_000);
  expect(page.document.querySelector('a')?.getAttribute('aria-label')).toBe('Call 202-555-0199');
  expect(page.document.querySelector('i')?.title).toBe('202-555-0123');
  expect(page.document.querySelector('b')?.title).toBe('202-555-0123');
});

test('the overlay tells what is swapped and what is skipped, and why', async () => {
  const page = await openPage({
    url: 'https://shop.example/?dni_debug',
    body: '<p>202-555-0123</p><p data-dni="off">202.555.0123</p><p>(212) 555-0100</p>',
  });
  await page.pass(3_000);
  const text = page.document.querySelector('dni-debug')?.shadowRoot?.textContent;
  expect(text).toContain(`${TARGET} → ${NUMBER} (exclusive), in 1 places`);
  expect(text).toContain('skipped, in data-dni="off": 202.555.0123');
  expect(text).toContain('skipped, no target: (212) 555-0100');
  expect(page.errors).toEqual([]);
});
