import { describe, expect, test } from 'vitest';
import { numberPattern } from '../../server/domain/settings/number-pattern.js';
import { NO_ANSWER, NUMBER, ORIGIN, once, openPage, type PageOptions, reply, swap, TARGET } from './page.js';

const OWN = 'Call (202) 555-0123';
const OURS = 'Call (202) 555-0199';
const UUID7 = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

describe('the first view', () => {
  test('asks once, without a preflight, and says what the service needs', async () => {
    const page = await openPage({
      url: 'https://shop.example/boilers?utm_source=google&gclid=x#top',
      referrer: 'https://www.google.com/',
    });
    expect(page.text()).toBe(OURS);
    expect(page.requests).toHaveLength(1);
    const [address, init] = page.requests[0] ?? [];
    expect(address).toBe(`${ORIGIN}/v1/events`);
    expect(init).toMatchObject({ method: 'POST', keepalive: true });
    expect(new Request(ORIGIN, { ...init, signal: null }).headers.get('content-type')).toMatch(
      /^text\/plain/,
    );
    const [event] = page.events;
    const arrival = {
      url: 'https://shop.example/boilers?utm_source=google&gclid=x#top',
      referrer: 'https://www.google.com/',
    };
    expect(event).toMatchObject({
      type: 'view',
      site: 'site1',
      page: { ...arrival, title: 'Shop' },
      landing: arrival,
      found: [TARGET],
      consent: 'full',
      storage: true,
    });
    expect(event?.visitor).toMatch(UUID7);
    expect(event?.page.id).toMatch(UUID7);
  });

  test('is sent for a page without targets too, and again when they come', async () => {
    const page = await openPage({ body: '<p>Hello</p>' });
    expect(page.events).toMatchObject([{ type: 'view', found: [] }]);
    page.document.body.append('202-555-0123');
    await page.pass(100);
    expect(page.events).toMatchObject([
      { type: 'view', found: [] },
      { type: 'view', found: [TARGET] },
    ]);
    expect(page.events[1]?.page.id).toBe(page.events[0]?.page.id);
    expect(page.text()).toBe('Hello202-555-0199');
  });

  test('keeps the address of before other scripts changed it', async () => {
    const page = await openPage({ body: '', url: 'https://shop.example/?gclid=x', hidden: true });
    page.window.history.replaceState({}, '', '/');
    page.show(false);
    await page.settle();
    expect(page.events[0]?.page.url).toBe('https://shop.example/?gclid=x');
  });

  test('waits until somebody looks', async () => {
    const page = await openPage({ hidden: true });
    await page.pass(10_000);
    expect(page.events).toEqual([]);
    page.show(false);
    await page.settle();
    expect(page.types()).toEqual(['view']);
  });

  test('is not sent by a robot that says so', async () => {
    const page = await openPage({
      before: ({ navigator }) => Object.defineProperty(navigator, 'webdriver', { value: true }),
    });
    await page.pass(10_000);
    expect(page.events).toEqual([]);
    expect(page.text()).toBe(OWN);
  });

  test('run twice, it is one', async () => {
    const page = await openPage();
    page.run();
    await page.pass(1000);
    expect(page.types()).toEqual(['view']);
  });

  test('two targets, one number each', async () => {
    const second = '+442079460123';
    const page = await openPage({
      body: '<p>202-555-0123, 020 7946 0123</p>',
      config: { targets: [TARGET, second] },
      answer: () => reply([swap(), swap(second, '+442079460987')]),
    });
    await page.pass(1000);
    expect(page.events).toMatchObject([{ found: [TARGET, second] }]);
    expect(page.text()).toBe('202-555-0199, 020 7946 0987');
  });

  test('the versioned file reads its tag', async () => {
    const page = await openPage({
      body: `<p>${OWN}</p><script data-site="site2" src="https://dni.example:8443/dni/v1.js"></script>`,
      config: null,
      answer: ({ found }) => ({ ...reply(found.length ? [swap()] : []), ...numberPattern([TARGET]) }),
    });
    // What to look for it is told by the first reply.
    await page.pass(1_100);
    expect(page.requests[0]?.[0]).toBe('https://dni.example:8443/v1/events');
    expect(page.events).toMatchObject([
      { site: 'site2', found: [] },
      { site: 'site2', found: [TARGET] },
    ]);
    expect(page.text('p')).toBe(OURS);
    // And keeps that for the next page.
    const next = await openPage({
      body: `<p>${OWN}</p><script data-site="site2" src="https://dni.example:8443/dni/v1.js"></script>`,
      config: null,
      storage: page.kept(),
      wall: page.clock.wall,
      answer: () => new Promise(() => {}),
    });
    expect(next.text('p')).toBe(OURS);
    expect(next.events).toMatchObject([{ found: [TARGET] }]);
  });

  test('without a site the script does nothing', async () => {
    const page = await openPage({ config: null });
    expect(page.events).toEqual([]);
    expect(page.errors).toEqual([]);
  });
});

describe('the page stays as it is when', () => {
  const bad: [string, unknown][] = [
    ['there is no network', new Error('Failed to fetch')],
    ['the service refuses', new Response('{"swaps":[]}', { status: 403 })],
    ['the service is down', new Response('<h1>Bad gateway</h1>', { status: 502 })],
    ['the answer is empty', ''],
    ['the answer is no JSON', '<html>'],
    ['the answer is null', 'null'],
    ['the answer is a number', '5'],
    ['there are no swaps', '{}'],
    ['swaps are an object', '{"swaps":{}}'],
    ['a swap is null', '{"swaps":[null]}'],
    ['a swap is a text', '{"swaps":["+12025550199"]}'],
    ['the number is none', reply([swap(TARGET, 'javascript:alert(1)')])],
    ['the number is too short', reply([swap(TARGET, '+123')])],
    ['the target is none', reply([swap('202-555-0123')])],
    ['a lease has no end', reply([swap(TARGET, NUMBER, { expires_in: null })])],
    ['a lease is over', reply([swap(TARGET, NUMBER, { expires_in: 0 })])],
    ['an end is no number', reply([swap(TARGET, NUMBER, { expires_in: 'soon' as unknown as number })])],
    ['there is no number for it', reply([])],
    ['the number is for another', reply([swap('+12025550124')])],
  ];
  test.each(bad)('%s', async (_, answer) => {
    const page = await openPage({ answer: () => (answer instanceof Response ? answer.clone() : answer) });
    await page.pass(10_000);
    expect(page.text()).toBe(OWN);
    expect(page.errors).toEqual([]);
    expect(page.types()).toEqual(['view']);
  });

  test('the answer takes longer than 2.5 seconds', async () => {
    const page = await openPage({ answer: () => NO_ANSWER });
    await page.pass(2499);
    expect(page.requests[0]?.[1].signal?.aborted).toBe(false);
    await page.pass(1);
    expect(page.requests[0]?.[1].signal?.aborted).toBe(true);
    await page.settle();
    expect(page.text()).toBe(OWN);
    expect(page.window.dni?.status).toBe('error');
  });
});

describe('a number that is promised for a time', () => {
  test('is shown so long, counted from when it was asked for, and then asked for anew', async () => {
    const page = await openPage({ answer: once(reply([swap()])) });
    await page.pass(298_999);
    expect(page.text()).toBe(OURS);
    expect(page.types()).toEqual(['view']);
    await page.pass(1_000);
    expect(page.text()).toBe(OWN);
    expect(page.types()).toEqual(['view', 'view']);
    expect(page.events[1]?.page.id).toBe(page.events[0]?.page.id);
  });

  test('a slow answer does not lengthen it', async () => {
    let answer: (value: unknown) => void = () => {};
    const page = await openPage({ answer: () => new Promise((resolve) => (answer = resolve)) });
    await page.pass(2000);
    answer(reply([swap()], { renew_after: null }));
    await page.settle();
    expect(page.text()).toBe(OURS);
    await page.pass(296_999);
    expect(page.text()).toBe(OURS);
    await page.pass(1_000);
    expect(page.text()).toBe(OWN);
  });

  test('goes in a hidden page too, which does not ask', async () => {
    const page = await openPage({ answer: once(reply([swap()])) });
    page.show(true);
    await page.pass(300_000);
    expect(page.text()).toBe(OWN);
    expect(page.types()).toEqual(['view']);
    page.show(false);
    await page.settle();
    expect(page.types()).toEqual(['view', 'view']);
  });

  test('goes in the task in which the page wakes, though its own clock stood still', async () => {
    const page = await openPage();
    page.clock.wall += 301_000;
    page.show(false);
    expect(page.text()).toBe(OWN);
    await page.settle();
    expect(page.text()).toBe(OURS);
    expect(page.types()).toEqual(['view', 'view']);
  });

  test('goes in time though the wall clock was set back', async () => {
    const page = await openPage({ answer: once(reply([swap()])) });
    page.clock.wall -= 3_600_000;
    await page.pass(300_000);
    expect(page.text()).toBe(OWN);
  });

  test('goes in the task in which the page comes back from the browser’s memory', async () => {
    const page = await openPage({ url: 'https://shop.example/a', referrer: 'https://www.google.com/' });
    page.transition('pagehide', true);
    page.clock.wall += 301_000;
    page.transition('pageshow', true);
    expect(page.text()).toBe(OWN);
    await page.settle();
    expect(page.types()).toEqual(['view', 'leave', 'view']);
    expect(page.events[2]?.page.id).not.toBe(page.events[0]?.page.id);
    expect(page.text()).toBe(OURS);
  });

  test('a source tracker’s number stays', async () => {
    const source = swap(TARGET, NUMBER, { lease: null, expires_in: null, assignment: 'source' });
    const page = await openPage({ answer: () => reply([source], { renew_after: null }) });
    await page.pass(2 * 3_600_000);
    expect(page.text()).toBe(OURS);
    expect(page.types()).toEqual(['view']);
  });
});

describe('renewal', () => {
  test('is sent by a visible page when the service said, and lengthens the promise', async () => {
    const page = await openPage();
    await page.pass(59_000);
    expect(page.types()).toEqual(['view']);
    await page.pass(1_000);
    expect(page.types()).toEqual(['view', 'renew']);
    expect(page.events[1]).toMatchObject({ found: [TARGET], visitor: page.events[0]?.visitor });
    await page.pass(3_600_000);
    expect(page.text()).toBe(OURS);
    expect(page.types().filter((type) => type === 'view')).toHaveLength(1);
    expect(page.types().filter((type) => type === 'renew')).toHaveLength(61);
  });

  test('never when the service said never', async () => {
    const page = await openPage({ answer: () => reply([swap()], { renew_after: null }) });
    await page.pass(297_000);
    expect(page.types()).toEqual(['view']);
  });

  test('waits while hidden, and follows at once when the page is seen again', async () => {
    const page = await openPage();
    page.show(true);
    await page.pass(100_000);
    expect(page.types()).toEqual(['view']);
    page.show(false);
    expect(page.types()).toEqual(['view', 'renew']);
    await page.settle();
    page.show(true);
    page.show(false);
    await page.settle();
    expect(page.types()).toEqual(['view', 'renew']);
  });

  test('without an answer it is tried again, and the number stays until its time is over', async () => {
    let away = false;
    const page = await openPage({ answer: () => (away ? new Error('away') : reply([swap()])) });
    away = true;
    await page.pass(120_000);
    expect(page.types()).toEqual(['view', 'renew', 'renew', 'renew', 'renew']);
    await page.pass(178_999);
    expect(page.text()).toBe(OURS);
    expect(new Set(page.types().slice(1))).toEqual(new Set(['renew']));
    await page.pass(1_000);
    expect(page.text()).toBe(OWN);
    expect(page.types().at(-1)).toBe('view');
    away = false;
    await page.pass(60_000);
    expect(page.text()).toBe(OURS);
  });

  test('answered without the number: it goes at once, and is asked for anew, once', async () => {
    let asked = 0;
    const page = await openPage({
      answer: () => (asked++ ? reply([], { renew_after: null }) : reply([swap()])),
    });
    await page.pass(60_000);
    expect(page.text()).toBe(OWN);
    await page.pass(600_000);
    expect(page.types()).toEqual(['view', 'renew', 'view']);
  });

  test('another number is shown at once', async () => {
    const page = await openPage({
      answer: ({ type }) => reply([swap(TARGET, type === 'view' ? NUMBER : '+13055550178')]),
    });
    await page.pass(60_000);
    expect(page.text()).toBe('Call (305) 555-0178');
  });

  test('a page that got no number asks again when it may', async () => {
    let free = false;
    const page = await openPage({ answer: () => reply(free ? [swap()] : []) });
    await page.pass(59_000);
    free = true;
    await page.pass(1_000);
    expect(page.types()).toEqual(['view', 'view']);
    expect(page.text()).toBe(OURS);
  });

  test('without any answer it asks again', async () => {
    let away = true;
    const page = await openPage({ answer: () => (away ? new Error('away') : reply([swap()])) });
    await page.pass(19_000);
    expect(page.types()).toEqual(['view']);
    away = false;
    await page.pass(1_000);
    expect(page.types()).toEqual(['view', 'view']);
    expect(page.text()).toBe(OURS);
  });

  test('one question at a time: what is due meanwhile follows', async () => {
    const answers: ((value: unknown) => void)[] = [];
    const page = await openPage({
      body: `<p>${OWN}</p>`,
      config: { targets: [TARGET, '+442079460123'] },
      answer: () => new Promise((resolve) => answers.push(resolve)),
    });
    page.document.querySelector('p')?.append(', 020 7946 0123');
    await page.pass(1_000);
    expect(page.types()).toEqual(['view']);
    answers[0]?.(reply([swap()]));
    await page.pass(1_000);
    expect(page.events.map(({ found }) => found)).toEqual([[TARGET], [TARGET, '+442079460123']]);
    answers[1]?.(reply([swap(TARGET, '+13055550178'), swap('+442079460123', '+442079460987')]));
    await page.settle();
    expect(page.text()).toBe('Call (305) 555-0178, 020 7946 0987');
  });
});

describe('the next page', () => {
  const visit = async (options: PageOptions, then: PageOptions, later = 5000) => {
    const first = await openPage(options);
    await first.settle();
    const second = await openPage({
      storage: first.kept(),
      wall: first.clock.wall + later,
      referrer: 'https://shop.example/',
      url: 'https://shop.example/next',
      ...then,
    });
    return { first, second };
  };
  const waiting: PageOptions = { answer: () => new Promise(() => {}) };

  test('shows the number at once, before it is answered, and still sends its view', async () => {
    const { first, second } = await visit({}, waiting);
    expect(second.text()).toBe(OURS);
    // As the page before heard it.
    expect(second.window.dni?.status).toBe('ok');
    expect(second.types()).toEqual(['view']);
    expect(second.events[0]?.visitor).toBe(first.events[0]?.visitor);
    expect(second.events[0]?.page.id).not.toBe(first.events[0]?.page.id);
    expect(second.events[0]?.page.url).toBe('https://shop.example/next');
  });

  test('also while it is rendered ahead or hidden', async () => {
    const { second } = await visit({}, { ...waiting, hidden: true });
    expect(second.text()).toBe(OURS);
    expect(second.events).toEqual([]);
  });

  test('only so long as it was promised to the page before', async () => {
    const { second } = await visit({}, { answer: () => new Error('away') }, 100_000);
    await second.pass(198_000);
    expect(second.text()).toBe(OURS);
    await second.pass(2_000);
    expect(second.text()).toBe(OWN);
  });

  test('not when that is over', async () => {
    const { second } = await visit({}, waiting, 300_000);
    expect(second.text()).toBe(OWN);
  });

  test('not a source tracker’s, which the answer brings', async () => {
    const source = swap(TARGET, NUMBER, { lease: null, expires_in: null, assignment: 'source' });
    const { second } = await visit({ answer: () => reply([source]) }, waiting);
    expect(second.text()).toBe(OWN);
  });

  test('restores the page’s own number when the answer has none', async () => {
    const { second } = await visit({}, { answer: () => reply([]) });
    expect(second.text()).toBe(OWN);
  });

  test('takes over the ids that the service gave', async () => {
    const visitor = '01980000-0000-7000-8000-000000000001';
    const session = '01980000-0000-7000-8000-000000000002';
    const { second } = await visit({ answer: () => reply([swap()], { visitor, session }) }, waiting);
    expect(second.events[0]).toMatchObject({ visitor, session });
  });

  test('another site’s snippet knows nothing of it', async () => {
    const { first, second } = await visit({}, { ...waiting, config: { site: 'site2' } });
    expect(second.text()).toBe(OWN);
    expect(second.events[0]?.visitor).not.toBe(first.events[0]?.visitor);
  });

  test.each(['', 'null', '5', '"x"', '[]', '{}', '{"swaps":5}', '{"swaps":[null]}', '{"swaps":[{}]}'])(
    'junk in storage is no trouble: %s',
    async (junk) => {
      const page = await openPage({ storage: { 'dni.site1': junk } });
      expect(page.text()).toBe(OURS);
      expect(page.events[0]?.visitor).toMatch(UUID7);
      expect(page.errors).toEqual([]);
    },
  );

  test('storage denied: works for this page, and says so', async () => {
    const page = await openPage({ storage: null });
    expect(page.text()).toBe(OURS);
    expect(page.events[0]).toMatchObject({ storage: false });
    expect(page.events[0]?.visitor).toMatch(UUID7);
    await page.pass(60_000);
    expect(page.events[1]?.visitor).toBe(page.events[0]?.visitor);
    expect(page.errors).toEqual([]);
  });

  test('Global Privacy Control: no visitor, nothing kept', async () => {
    const page = await openPage({
      before: ({ navigator }) => Object.defineProperty(navigator, 'globalPrivacyControl', { value: true }),
      answer: () => reply([swap(TARGET, NUMBER, { lease: null, expires_in: null, assignment: 'source' })]),
    });
    expect(page.events[0]).toMatchObject({ consent: 'none' });
    expect(page.events[0]?.visitor ?? null).toBeNull();
    expect(page.kept()).toEqual({});
    expect(page.text()).toBe(OURS);
  });

  describe('the landing', () => {
    const away: PageOptions = { answer: () => new Error('away') };
    const ad = { url: 'https://shop.example/?gclid=abc', referrer: 'https://www.google.com/' };

    test('is sent until a view is acknowledged', async () => {
      const { second } = await visit({ ...ad, ...away }, {});
      expect(second.events[0]?.landing).toMatchObject(ad);
      const third = await openPage({ storage: second.kept(), referrer: 'https://shop.example/next' });
      expect(third.events[0]?.landing).toBeNull();
    });

    test('is not a page of the same site', async () => {
      const { second } = await visit(ad, {});
      expect(second.events[0]?.landing).toBeNull();
    });
  });
});

describe('a page that changes without loading', () => {
  test('reports a view for each path', async () => {
    const page = await openPage({ url: 'https://shop.example/a' });
    const { history, document } = page.window;
    history.pushState({}, '', '/b?x=1');
    document.title = 'B';
    await page.pass(2000);
    history.replaceState({}, '', '/b?x=2');
    history.pushState({}, '', '/b#c');
    await page.pass(2000);
    history.replaceState({}, '', '/c');
    await page.pass(2000);
    expect(page.types()).toEqual(['view', 'view', 'view']);
    expect(page.events.map((event) => [event.page.url, event.page.referrer])).toEqual([
      ['https://shop.example/a', ''],
      ['https://shop.example/b?x=1', 'https://shop.example/a'],
      ['https://shop.example/c', 'https://shop.example/b?x=1'],
    ]);
    expect(page.events[1]?.page.title).toBe('B');
    expect(new Set(page.events.map((event) => event.page.id)).size).toBe(3);
  });

  test('and for the way back', async () => {
    const page = await openPage({ url: 'https://shop.example/a' });
    page.window.history.pushState({}, '', '/b');
    await page.pass(1000);
    page.window.history.back();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await page.pass(2000);
    expect(page.events.map((event) => event.page.url).slice(1)).toEqual([
      'https://shop.example/b',
      'https://shop.example/a',
    ]);
  });

  test('with the targets that the new page shows', async () => {
    const page = await openPage();
    page.window.history.pushState({}, '', '/b');
    page.document.body.innerHTML = '<p>Nothing here</p>';
    await page.pass(1000);
    expect(page.events[1]?.found).toEqual([]);
  });
});

describe('leaving and calling', () => {
  test('a page that shows a lease says when it is left', async () => {
    const page = await openPage();
    page.transition('pagehide');
    await page.settle();
    expect(page.types()).toEqual(['view', 'leave']);
    expect(page.requests[1]?.[1].keepalive).toBe(true);
  });

  test('others do not', async () => {
    const page = await openPage({ answer: () => reply([]) });
    page.transition('pagehide');
    await page.settle();
    expect(page.types()).toEqual(['view']);
  });

  test('a tap on a number we show is told, with extension and markup', async () => {
    const page = await openPage({
      body: '<a href="tel:(202) 555-0123;ext=45"><b>Call</b></a><a id="o" href="tel:+12025550111">Other</a>',
    });
    page.document.querySelector('b')?.click();
    page.document.getElementById('o')?.click();
    page.document.body.click();
    page.document.dispatchEvent(new page.window.Event('click'));
    await page.settle();
    // As the link has it, which the service reads.
    expect(page.events.slice(1)).toMatchObject([{ type: 'tap', number: 'tel:(202) 555-0199;ext=45' }]);
    expect(page.errors).toEqual([]);
  });

  test('a tap on the page’s own number is not', async () => {
    const page = await openPage({ body: '<a href="tel:2025550123">Call</a>', answer: () => reply([]) });
    page.document.querySelector('a')?.click();
    await page.settle();
    expect(page.types()).toEqual(['view']);
  });
});

describe('window.dni', () => {
  test('says what is shown, now and at every change', async () => {
    const page = await openPage({ answer: once(reply([swap()])) });
    const { dni } = page.window;
    expect(Object.keys(page.window).filter((name) => name === 'dni')).toEqual(['dni']);
    expect(dni?.status).toBe('ok');
    expect(dni?.get(TARGET)).toMatchObject({ target: TARGET, number: NUMBER, display: NUMBER });
    expect(dni?.get('+12025550111')).toBeUndefined();
    const heard: unknown[] = [];
    dni?.on(() => {
      throw new Error('the page’s own mistake');
    });
    dni?.on(({ target, number }) => heard.push([target, number]));
    await page.settle();
    expect(heard).toEqual([[TARGET, NUMBER]]);
    await page.pass(300_000);
    expect(heard).toEqual([
      [TARGET, NUMBER],
      [TARGET, TARGET],
    ]);
    expect(dni?.get(TARGET)).toBeUndefined();
  });

  test('does not repeat itself at a renewal', async () => {
    const page = await openPage();
    let heard = 0;
    page.window.dni?.on(() => heard++);
    await page.pass(600_000);
    expect(heard).toBe(1);
  });
});
