import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Arrival, parseArrival } from '../../../../server/domain/sources/arrival.js';

const at = (url: string, referrer = '') => parseArrival({ url, referrer });
const query = (text: string) => at(`https://shop.example/repair?${text}`);
const NO_UTM = { source: null, medium: null, campaign: null, term: null, content: null, id: null };

describe('UTM parameters', () => {
  it('are all read', () => {
    const { utm } = query(
      'utm_source=google&utm_medium=cpc&utm_campaign=winter&utm_term=boiler+repair&utm_content=a%2Fb&utm_id=7',
    );
    expect(utm).toEqual({
      source: 'google',
      medium: 'cpc',
      campaign: 'winter',
      term: 'boiler repair',
      content: 'a/b',
      id: '7',
    });
  });

  it.each([
    ['mtm_source=a&mtm_medium=b&mtm_campaign=c&mtm_keyword=d&mtm_content=e&mtm_cid=f'],
    ['mtm_source=a&mtm_medium=b&mtm_campaign=c&mtm_kwd=d&mtm_content=e&mtm_cid=f'],
    ['pk_source=a&pk_medium=b&pk_campaign=c&pk_kwd=d&pk_content=e&pk_cid=f'],
    ['piwik_source=a&piwik_medium=b&piwik_campaign=c&piwik_keyword=d&piwik_content=e&piwik_cid=f'],
    ['UTM_SOURCE=a&Utm_Medium=b&utm_Campaign=c&UTM_TERM=d&utm_CONTENT=e&utm_ID=f'],
  ])('have aliases: %s', (text) => {
    const { utm, landingParams } = query(text);
    expect(utm).toEqual({ source: 'a', medium: 'b', campaign: 'c', term: 'd', content: 'e', id: 'f' });
    expect(landingParams).toEqual({});
  });

  it('win over their aliases, which are then kept as any parameter', () => {
    const { utm, landingParams } = query('pk_source=old&utm_source=new');
    expect(utm.source).toBe('new');
    expect(landingParams).toEqual({ pk_source: 'old' });
  });

  it.each([
    ['empty ones are absent', 'utm_source=&utm_medium=%20', null],
    ['the first that has a value counts', 'utm_source=&utm_source=b&utm_source=c', 'b'],
    ['case is kept', 'utm_source=Google', 'Google'],
    ['Cyrillic is read', 'utm_source=%D1%8F%D0%BD%D0%B4%D0%B5%D0%BA%D1%81', 'яндекс'],
    ['control characters go', 'utm_source=a%00b%07c%C2%85d', 'abcd'],
    ['broken UTF-8 becomes the replacement character', 'utm_source=a%FF%FEb', 'a\ufffd\ufffdb'],
    ['half an escape stays text', 'utm_source=50%&x=%zz', '50%'],
    ['long ones are cut', `utm_source=${'x'.repeat(5_000)}`, 'x'.repeat(512)],
  ])('%s', (_, text, source) => {
    expect(query(text).utm.source).toBe(source);
  });
});

describe('click ids', () => {
  it.each([
    ['gclid=Cj0-Ab_c', { gclid: 'Cj0-Ab_c' }],
    ['GCLID=abc', { gclid: 'abc' }],
    ['sccid=x', { ScCid: 'x' }],
    ['ranmid=1&RANSITEID=y', { ranSiteID: 'y', ranMID: '1' }],
    ['gbraid=1&wbraid=2&gad_source=5', { gbraid: '1', wbraid: '2', gad_source: '5' }],
    ['yclid=123&ysclid=l4', { yclid: '123', ysclid: 'l4' }],
    ['gclid=first&gclid=second', { gclid: 'first' }],
    ['gclid=', {}],
    ['gclid=%3Cscript%3E', {}],
    ['gclid=a%20b', {}],
    [`gclid=${'x'.repeat(512)}`, { gclid: 'x'.repeat(512) }],
    ['notgclid=1', {}],
  ])('%s', (text, expected) => {
    expect(query(text).clickIds).toEqual(expected);
  });

  it('with a value that no vendor makes are kept as any parameter', () => {
    expect(query('gclid=a%20b').landingParams).toEqual({ gclid: 'a b' });
  });
});

describe('landing parameters', () => {
  it('are all other parameters, in their own case', () => {
    const { landingParams } = query('utm_source=a&Color=red&size=&color=blue&gclid=x&utm_source_platform=p');
    expect(landingParams).toEqual({ Color: 'red', size: '', color: 'blue', utm_source_platform: 'p' });
  });

  it('are bounded in number and length', () => {
    const { landingParams } = query(
      `${'n'.repeat(200)}=${'v'.repeat(2_000)}&${Array.from({ length: 200 }, (_, i) => `p${i}=1`).join('&')}`,
    );
    expect(Object.keys(landingParams)).toHaveLength(50);
    expect(landingParams['n'.repeat(64)]).toBe('v'.repeat(512));
  });

  it('take any name as a name', () => {
    const { landingParams } = query('__proto__=x&constructor=y&=nameless&%00=z');
    expect(Object.entries(landingParams)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
    expect(Object.getPrototypeOf(landingParams)).toBe(Object.prototype);
  });
});

describe('person ids of mail tools', () => {
  const url =
    'https://shop.example/a?b=%20c&mc_cid=77&MC_EID=p1&_hsenc=p2&mkt_tok=p3&vero_id=p4&_kx=p5&d=1#e';

  it('are nowhere in the record; that there was a mail tool is', () => {
    const arrival = at(url, 'https://mail.example/read?mc_eid=p6&x=1');
    expect(JSON.stringify(arrival)).not.toMatch(/p[1-6]/);
    expect(arrival.mailTool).toBe('mailchimp');
    expect(arrival.clickIds).toEqual({ mc_cid: '77' });
    expect(arrival.landingPageUrl).toBe('https://shop.example/a?b=%20c&mc_cid=77&d=1#e');
    expect(arrival.referringUrl).toBe('https://mail.example/read?x=1');
  });

  it('are found under an encoded name', () => {
    expect(JSON.stringify(query('mc%5Feid=secret&mc_eid%00=secret&%20mc_eid=secret'))).not.toContain(
      'secret',
    );
  });

  it('of tools that tag every link say nothing of a mail', () => {
    expect(query('__hstc=1.2.3').mailTool).toBeNull();
  });
});

describe('pages and referrers', () => {
  it.each([
    ['https://shop.example/a/b?c=d#e', 'https://shop.example/a/b?c=d#e', 'https://shop.example/a/b'],
    ['HTTPS://Shop.Example:443', 'https://shop.example/', 'https://shop.example/'],
    ['http://localhost:8080/x', 'http://localhost:8080/x', 'http://localhost:8080/x'],
    ['https://u:p@shop.example/', 'https://shop.example/', 'https://shop.example/'],
    ['\u0000https://shop.example/\u0007a', 'https://shop.example/a', 'https://shop.example/a'],
    ['https://shop.example/?', 'https://shop.example/', 'https://shop.example/'],
    ['javascript:alert(1)', '', ''],
    ['file:///C:/page.html', '', ''],
    ['not a url', '', ''],
    ['', '', ''],
    ['https://', '', ''],
    ['//shop.example/', '', ''],
  ])('page %j', (url, landingPageUrl, landingPage) => {
    expect(at(url)).toMatchObject({ landingPageUrl, landingPage });
  });

  it.each([
    ['https://www.google.com/', 'google.com', 'https://www.google.com/'],
    ['https://M.Facebook.com:443/x?y', 'm.facebook.com', 'https://m.facebook.com/x?y'],
    ['https://other.example./', 'other.example', 'https://other.example./'],
    ['https://www.com/', 'www.com', 'https://www.com/'],
    ['android-app://com.google.android.gm/', 'com.google.android.gm', 'android-app://com.google.android.gm/'],
    ['http://[::1]:9/', '[::1]', 'http://[::1]:9/'],
    ['about:blank', null, null],
    ['chrome-extension://abc/', null, null],
    ['google.com', null, null],
    ['', null, null],
    ['https://%zz/', null, null],
  ])('referrer %j', (referrer, referrerDomain, referringUrl) => {
    expect(at('https://shop.example/', referrer)).toMatchObject({ referrerDomain, referringUrl });
  });

  it('cuts a URL of 10 kB, but reads its parameters, and not inside an escape', () => {
    const arrival = query(`pad=${'%D1%8F'.repeat(1_700)}&utm_source=google`);
    expect(arrival.landingPageUrl.length).toBeGreaterThan(2_040);
    expect(arrival.landingPageUrl.length).toBeLessThanOrEqual(2_048);
    expect(arrival.landingPageUrl).toMatch(/%[0-9A-F]{2}$/);
    expect(arrival.utm.source).toBe('google');
  });

  it('makes an empty record of nothing', () => {
    expect(parseArrival({ url: '', referrer: null })).toEqual({
      utm: NO_UTM,
      clickIds: {},
      mailTool: null,
      landingParams: {},
      landingPageUrl: '',
      landingPage: '',
      referringUrl: null,
      referrerDomain: null,
    } satisfies Arrival);
  });
});

describe('whatever comes', () => {
  const junk = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
    fc
      .array(fc.tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), { maxLength: 80 })
      .map((pairs) => `https://shop.example/?${pairs.map(([name, value]) => `${name}=${value}`).join('&')}`),
    fc
      .constantFrom('utm_source', 'gclid', 'mc_eid', '__proto__', '%', '')
      .chain((name) =>
        fc.string({ unit: 'binary' }).map((value) => `https://shop.example/?${name}=${value}`),
      ),
    fc.string({ unit: 'binary' }).map((text) => `android-app://${text}`),
  );

  it('the record is storable and bounded', () => {
    fc.assert(
      fc.property(junk, junk, (url, referrer) => {
        const arrival = parseArrival({ url, referrer });
        const json = JSON.stringify(arrival);
        expect(json).not.toMatch(/\\u0000|\\ud[89a-f]/i);
        expect(json.isWellFormed()).toBe(true);
        expect(arrival.landingPageUrl.length).toBeLessThanOrEqual(2_048);
        expect(arrival.landingPage.length).toBeLessThanOrEqual(2_048);
        expect(arrival.referringUrl?.length ?? 0).toBeLessThanOrEqual(2_048);
        expect(arrival.referrerDomain?.length ?? 0).toBeLessThanOrEqual(253);
        for (const value of Object.values(arrival.clickIds)) expect(value).toMatch(/^[\w.~-]{1,512}$/);
        for (const [name, value] of Object.entries(arrival.landingParams)) {
          expect(name.length).toBeLessThanOrEqual(64);
          expect(value.length).toBeLessThanOrEqual(512);
        }
      }),
      { numRuns: 300 },
    );
  });
});
