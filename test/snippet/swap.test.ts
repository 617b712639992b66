import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NUMBER, once, openPage, reply, swap, TARGET } from './page.js';

describe('links', () => {
  test.each([
    ['tel:+12025550123', 'tel:+12025550199'],
    ['tel:12025550123', 'tel:12025550199'],
    ['tel:2025550123', 'tel:2025550199'],
    ['tel:202-555-0123', 'tel:202-555-0199'],
    ['tel:(202) 555-0123', 'tel:(202) 555-0199'],
    ['TEL:+1.202.555.0123', 'TEL:+1.202.555.0199'],
    ['tel:+1-202-555-0123;ext=45', 'tel:+1-202-555-0199;ext=45'],
    ['tel:+12025550123,,45#', 'tel:+12025550199,,45#'],
    ['tel:+12025550123,45', 'tel:+12025550199,45'],
    ['tel:+12025550123;45', 'tel:+12025550199;45'],
    ['tel:+12025550123p45', 'tel:+12025550199p45'],
    ['tel:+12025550123x45', 'tel:+12025550199x45'],
    ['tel:+12025550123w45', 'tel:+12025550199w45'],
    ['tel://+12025550123', 'tel://+12025550199'],
    ['tel: +1 202 555 0123', 'tel: +1 202 555 0199'],
    ['tel:(202)%20555-0123', 'tel:(202)%20555-0199'],
    ['tel:%2B12025550123', 'tel:%2B12025550199'],
    ['sms:+12025550123', 'sms:+12025550199'],
    ['sms:+12025550123?body=Hi%20there', 'sms:+12025550199?body=Hi%20there'],
    ['sms:+12025550123&body=2025550123', 'sms:+12025550199&body=2025550123'],
  ])('%s becomes %s', async (before, after) => {
    const page = await openPage({ body: `<a href="${before}">Call</a>`, answer: once(reply([swap()])) });
    expect(page.href()).toBe(after);
    expect(page.events[0]?.found).toEqual([TARGET]);
    await page.pass(300_000);
    expect(page.href()).toBe(before);
  });

  test.each([
    'tel:+12025550124',
    'tel:+120255501234',
    'tel:+442025550123',
    'tel:202555012345',
    'tel:202-555-0123-45',
    'https://example.com/2025550123',
    '/2025550123',
    '#2025550123',
    'mailto:2025550123@example.com',
    'javascript:void(2025550123)',
    'tel:',
    '',
  ])('%s stays', async (href) => {
    const page = await openPage({ body: `<a href="${href}">Call</a>` });
    expect(page.href()).toBe(href);
  });

  test('an href changed later is swapped, and so are areas and SVG links', async () => {
    const page = await openPage({
      body: '<a href="/contact">x</a><map><area href="tel:2025550123"></map><svg><a href="tel:2025550123"></a></svg>',
    });
    expect(page.href('area')).toBe('tel:2025550199');
    expect(page.href('svg a')).toBe('tel:2025550199');
    page.document.querySelector('a')?.setAttribute('href', 'tel:+12025550123');
    await page.settle();
    expect(page.href()).toBe('tel:+12025550199');
  });
});

describe('numbers split over nodes', () => {
  const texts = (page: Awaited<ReturnType<typeof openPage>>) => page.text('p');

  test('as React renders them', async () => {
    const page = await openPage({
      body: '<p>Call (<!-- -->202<!-- -->) <!-- -->555-0123<!-- --> now</p>',
    });
    expect(page.html()).toBe('<p>Call (<!-- -->202<!-- -->) <!-- -->555-0199<!-- --> now</p>');
  });

  test.each([
    ['<p><b>202</b>-<i>555</i>-0123</p>', '202-555-0199'],
    ['<p><span>(202)</span>\n      <span>555-0123</span></p>', '(202)\n      555-0199'],
    ['<p><span>202</span><span>555</span><span>0123</span></p>', '2025550199'],
    ['<p><small>+1</small> 202 555 0123</p>', '+1 202 555 0199'],
    ['<p>20255501<b>2</b>3</p>', '2025550199'],
    ['<p><strong>Call</strong>202-555-0123</p>', 'Call202-555-0199'],
    ['<p>202-555-0123<sup>1</sup></p>', '202-555-01991'],
  ])('%s', async (body, after) => {
    const page = await openPage({ body });
    expect(texts(page)).toBe(after);
  });

  test.each([
    '<p>9<!-- -->2025550123</p>',
    '<p>2025550123<!-- -->9</p>',
    '<p><span>24</span><span>202-555-0123</span></p>',
    '<table><tbody><tr><td>202</td><td>555</td><td>0123</td></tr></tbody></table>',
    '<ul><li>202</li><li>5550123</li></ul>',
    '<p>202 and 555-0123</p>',
  ])('no number: %s', async (body) => {
    const page = await openPage({ body });
    expect(page.html()).toBe(body);
  });

  test('with digit counts that differ', async () => {
    const page = await openPage({
      body: '<p>+<b>49</b> <i>30</i> <em>23125</em>-123</p>',
      config: { targets: ['+493023125123'] },
      answer: once(reply([swap('+493023125123', '+4915212345678')])),
    });
    // The second file knows how.
    await page.settle();
    expect(page.html()).toBe('<p>+<b>49</b> <i>152</i> <em>12345</em>-678</p>');
    await page.pass(300_000);
    expect(page.html()).toBe('<p>+<b>49</b> <i>30</i> <em>23125</em>-123</p>');
  });
});

describe('places that are never touched', () => {
  test.each([
    '<script type="application/json">{"telephone":"202-555-0123"}</script>',
    '<style>/* 202-555-0123 */</style>',
    '<noscript>202-555-0123</noscript>',
    '<textarea>202-555-0123</textarea>',
    '<template><p>202-555-0123</p></template>',
    '<input value="202-555-0123" placeholder="202-555-0123">',
    '<div contenteditable="">202-555-0123</div>',
    '<div contenteditable="true"><p>202-555-0123</p></div>',
    '<p contenteditable="false">202-555-0123</p>',
    '<div class="CodeMirror"><pre>202-555-0123</pre></div>',
    '<div class="ace_editor">202-555-0123</div>',
    '<div class="monaco-editor">202-555-0123</div>',
    '<div data-dni="off"><p>202-555-0123 <a href="tel:2025550123">call</a></p></div>',
    '<a data-dni="off" href="tel:2025550123">202-555-0123</a>',
    '<p title="202-555-0123" data-phone="202-555-0123">Call</p>',
  ])('%s', async (body) => {
    const page = await openPage({ body });
    expect(page.html()).toBe(body);
    expect(page.events[0]?.found).toEqual([]);
  });

  test('the title of the page', async () => {
    const page = await openPage({
      before: ({ document }) => {
        document.title = 'Call 202-555-0123';
      },
    });
    expect(page.document.title).toBe('Call 202-555-0123');
  });
});

describe('in place', () => {
  test('nodes, markup, handlers and the selection stay', async () => {
    let answer: (value: unknown) => void = () => {};
    const page = await openPage({
      body: '<p>Call <b id="b">(202) 555-0123</b> today</p>',
      answer: () => new Promise((resolve) => (answer = resolve)),
    });
    const { document, window } = page;
    const text = document.getElementById('b')?.firstChild as Text;
    const selection = window.getSelection();
    selection?.setBaseAndExtent(text, 1, text, 14);
    // For what was selected the second file is loaded.
    await page.pass(1_000);
    answer(reply([swap(TARGET, '+13055550178')]));
    await page.settle();
    expect(document.getElementById('b')?.firstChild).toBe(text);
    expect(text.data).toBe('(305) 555-0178');
    expect(String(selection)).toBe('305) 555-0178');
    expect([selection?.anchorOffset, selection?.focusOffset]).toEqual([1, 14]);
  });

  test('over nodes with an empty one between, beside others', async () => {
    const page = await openPage({
      body: '<p>Or <b>202</b>-555-0123</p>',
      before: ({ document }) => {
        const [first, second] = ['', ''].map((text) => document.createTextNode(text)) as [Text, Text];
        document.querySelector('p')?.prepend(first);
        document.querySelector('b')?.after(second);
      },
    });
    await page.settle();
    expect(page.html()).toBe('<p>Or <b>202</b>-555-0199</p>');
  });

  test('a copy of what was swapped is restored with it', async () => {
    const page = await openPage({
      body: '<p>(202) 555-0123 <a href="tel:+12025550123">call</a></p>',
      answer: once(reply([swap()])),
    });
    const p = page.document.querySelector('p') as HTMLElement;
    page.document.body.append(p.cloneNode(true));
    await page.settle();
    expect(page.text('p:last-child')).toBe('(202) 555-0199 call');
    await page.pass(300_000);
    expect(page.text('p:last-child')).toBe('(202) 555-0123 call');
    expect(page.href('p:last-child a')).toBe('tel:+12025550123');
  });
});

describe('what comes later', () => {
  test('added elements and texts, changed texts, rebuilt markup', async () => {
    const page = await openPage();
    const { document } = page;
    const p = document.querySelector('p') as HTMLElement;
    p.textContent = 'New: 202.555.0123';
    await page.settle();
    expect(p.textContent).toBe('New: 202.555.0199');
    (p.firstChild as Text).appendData(' or 202-555-0123');
    await page.settle();
    expect(p.textContent).toBe('New: 202.555.0199 or 202-555-0199');
    p.append('; ', '202 555 0123');
    await page.settle();
    expect(p.textContent).toMatch(/; 202 555 0199$/);
    document.body.innerHTML =
      '<!-- x --><div><p><a href="tel:2025550123">202-555-0123</a></p></div><!-- y -->';
    await page.settle();
    expect(page.text()).toBe('202-555-0199');
    expect(page.href()).toBe('tel:2025550199');
  });

  test('a number cut by a chunk of the page', async () => {
    const page = await openPage({ body: '<p>(202) 55</p>' });
    const text = page.document.querySelector('p')?.firstChild as Text;
    text.appendData('5-0123');
    await page.settle();
    expect(page.events.at(-1)?.found ?? []).toEqual([]);
    await page.pass(100);
    expect(page.text()).toBe('(202) 555-0199');
    expect(page.events.at(-1)?.found).toEqual([TARGET]);
  });

  test('one half of a split number changes', async () => {
    const page = await openPage({ body: '<p>202-<b>555-0124</b></p>' });
    const text = page.document.querySelector('b')?.firstChild as Text;
    text.data = '555-0123';
    await page.pass(100);
    expect(page.text()).toBe('202-555-0199');
  });

  test('many rows, at once and one by one', async () => {
    const page = await openPage();
    const { document } = page;
    const row = () => {
      const p = document.createElement('p');
      p.textContent = '202-555-0123';
      return p;
    };
    document.body.append(...Array.from({ length: 500 }, row));
    for (let i = 0; i < 500; i++) document.body.append(row());
    await page.settle();
    expect([...document.querySelectorAll('p')].every((p) => p.textContent?.endsWith('0199'))).toBe(true);
  });

  test('more than a page puts in one by one in a second, with the next frame', async () => {
    const page = await openPage();
    const put = async () => {
      const p = page.document.createElement('p');
      p.textContent = '202-555-0123';
      page.document.body.append(p);
      await page.settle();
      return p;
    };
    let last = await put();
    for (let i = 0; i < 150; i++) last = await put();
    expect(last.textContent).toBe('202-555-0123');
    await page.pass(16);
    expect(page.text()).not.toContain('0123');
    expect((await put()).textContent).toBe('202-555-0123');
    await page.pass(16);
    expect(page.text()).not.toContain('0123');
    // The next second they are swapped at once again.
    await page.pass(1000);
    expect((await put()).textContent).toBe('202-555-0199');
  });

  test('nothing in a loop: a page that undoes each change stays alive', async () => {
    let undone = 0;
    const page = await openPage({
      before: ({ document, MutationObserver }) => {
        const text = document.querySelector('p')?.firstChild as Text;
        new MutationObserver(() => {
          if (text.data !== 'Call (202) 555-0123') {
            undone++;
            text.data = 'Call (202) 555-0123';
          }
        }).observe(document, { subtree: true, characterData: true });
      },
    });
    expect(undone).toBeGreaterThan(1);
    expect(undone).toBeLessThan(120);
    const before = undone;
    await page.settle();
    expect(undone).toBe(before);
    // From then on once a frame, which is when other places are swapped too.
    const p = page.document.createElement('p');
    p.textContent = '202-555-0123';
    page.document.body.append(p);
    await page.pass(16);
    expect(p.textContent).toBe('202-555-0199');
    expect(undone).toBeLessThanOrEqual(before + 2);
  });

  test('nothing in a loop: a page that rebuilds each change stays alive', async () => {
    let rebuilt = 0;
    await openPage({
      before: ({ document, MutationObserver }) => {
        new MutationObserver(() => {
          if (!document.body.innerHTML.includes('0123')) {
            rebuilt++;
            document.body.innerHTML = '<p>202-555-0123</p>';
          }
        }).observe(document, { subtree: true, characterData: true });
      },
    });
    expect(rebuilt).toBeGreaterThan(0);
    expect(rebuilt).toBeLessThan(1000);
  });
});

describe('properties', () => {
  const noise = fc.constantFrom(
    'Call ',
    ' or ',
    '12',
    ' 7 ',
    '-',
    ' (',
    ') ',
    '.',
    '\n',
    '\u00a0',
    'é',
    '📞',
    '555',
    '0123',
    'x9',
    '€',
    '202 ',
    '+1',
    '５',
  );
  const written = fc.constantFrom(
    '(202) 555-0123',
    '+1 202.555.0123',
    '2025550123',
    '+44 (0)20 7946 0123',
    '020 7946 0123',
    '２０２-５５５-０１２３',
  );
  const markup = fc
    .array(
      fc.tuple(
        fc.oneof(noise, noise, written),
        fc.constantFrom('', '', 'b', 'span', 'p', 'a', 'comment', 'sup'),
      ),
      {
        minLength: 1,
        maxLength: 12,
      },
    )
    .map((parts) =>
      parts
        .map(([text, tag]) =>
          tag === 'comment' ? `${text}<!-- -->` : tag ? `<${tag}>${text}</${tag}>` : text,
        )
        .join(''),
    );
  const digits = (text: string) => text.replace(/[\d\uff10-\uff19]/g, '0');

  const targets = ['+12025550123', '+442079460123'] as const;

  test('only digits ever change, and only where a target was found', async () => {
    await fc.assert(
      fc.asyncProperty(markup, async (body) => {
        const swaps = [swap(targets[0], '+13055550178'), swap(targets[1], '+442079460987')];
        const page = await openPage({ body, config: { targets: [...targets] }, answer: () => reply(swaps) });
        const before = page.document.createElement('div');
        before.innerHTML = body;
        expect(digits(page.html())).toBe(digits(before.innerHTML));
        if (!page.events[0]?.found.length) expect(page.html()).toBe(before.innerHTML);
        expect(page.errors).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('restored it is what it was, byte for byte, whatever the lengths', async () => {
    const numbers = fc.constantFrom('+13055550178', '+4930231251', '+442079460987', '+4415212345678', NUMBER);
    await fc.assert(
      fc.asyncProperty(markup, numbers, numbers, async (body, one, two) => {
        const page = await openPage({
          body,
          config: { targets: [...targets] },
          answer: once(
            reply([swap(targets[0], one, { expires_in: 5 }), swap(targets[1], two, { expires_in: 5 })]),
          ),
        });
        const before = page.document.createElement('div');
        before.innerHTML = body;
        const nodes = [...page.document.body.childNodes];
        await page.pass(5_000);
        expect(page.html()).toBe(before.innerHTML);
        expect([...page.document.body.childNodes]).toEqual(nodes);
      }),
      { numRuns: 60 },
    );
  });
});
