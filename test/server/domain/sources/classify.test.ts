import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseArrival } from '../../../../server/domain/sources/arrival.js';
import { classify, isArrival } from '../../../../server/domain/sources/classify.js';

const SITE_HOSTS = ['plumber.example', 'https://book.plumber.example:8443', '*.plumber-group.example'];
const of = (query: string, referrer = '') =>
  classify(parseArrival({ url: `https://www.plumber.example/repair?${query}`, referrer }), SITE_HOSTS);
const named = (query: string, referrer = '') => {
  const { source, medium } = of(query, referrer);
  return `${source} / ${medium}`;
};

describe('UTM parameters come first', () => {
  it.each([
    ['utm_source=google&utm_medium=cpc', '', 'google / cpc'],
    ['utm_source=news&utm_medium=email&gclid=x', 'https://www.google.com/', 'news / email'],
    ['utm_source=news', '', 'news / (not set)'],
    ['utm_source=news', 'https://www.google.com/', 'news / (not set)'],
    ['utm_source=google&gclid=x', '', 'google / cpc'],
    ['utm_medium=email', '', '(not set) / email'],
    ['utm_campaign=winter', '', '(not set) / (not set)'],
    ['utm_campaign=winter', 'https://www.facebook.com/', 'facebook / social'],
    ['utm_campaign=winter&gclid=x', '', 'google / cpc'],
    ['utm_medium=ppc&msclkid=x', '', 'bing / ppc'],
    ['mtm_source=a&mtm_medium=b', '', 'a / b'],
  ])('%s from %j is %s', (query, referrer, expected) => {
    expect(named(query, referrer)).toBe(expected);
  });

  it('keeps campaign, term and content whatever named the source', () => {
    expect(of('gclid=x&utm_campaign=winter&utm_term=boiler&utm_content=a')).toEqual({
      source: 'google',
      medium: 'cpc',
      campaign: 'winter',
      term: 'boiler',
      content: 'a',
      reason: 'click_id',
    });
  });
});

describe('click ids', () => {
  it.each([
    ['gclid', 'google / cpc'],
    ['gbraid', 'google / cpc'],
    ['wbraid', 'google / cpc'],
    ['gad_source', 'google / cpc'],
    ['srsltid', 'google / organic'],
    ['dclid', 'dv360 / display'],
    ['msclkid', 'bing / cpc'],
    ['fbclid', 'facebook / social'],
    ['igshid', 'instagram / social'],
    ['igsh', 'instagram / social'],
    ['ttclid', 'tiktok / paid social'],
    ['twclid', 'twitter / paid social'],
    ['li_fat_id', 'linkedin / paid social'],
    ['epik', 'pinterest / social'],
    ['ScCid', 'snapchat / paid social'],
    ['sccid', 'snapchat / paid social'],
    ['rdt_cid', 'reddit / paid social'],
    ['yclid', 'yandex / cpc'],
    ['ysclid', 'yandex / organic'],
    ['rb_clickid', 'vk / cpc'],
    ['irclickid', 'impact / affiliate'],
    ['cjevent', 'cj / affiliate'],
    ['awc', 'awin / affiliate'],
    ['ranSiteID', 'rakuten / affiliate'],
    ['admitad_uid', 'admitad / affiliate'],
    ['actionpay', 'actionpay / affiliate'],
    ['mc_cid', 'mailchimp / email'],
    ['_hsmi', 'hubspot / email'],
    ['mkt_tok', 'marketo / email'],
    ['_kx', 'klaviyo / email'],
  ])('%s is %s', (param, expected) => {
    expect(named(`${param}=1`)).toBe(expected);
    expect(of(`${param}=1`).reason).toBe('click_id');
  });

  it.each([
    ['gclid=x', 'https://www.bing.com/', 'google / cpc'],
    ['ysclid=x&yclid=1', 'https://yandex.ru/', 'yandex / cpc'],
    ['gclid=x&fbclid=y', 'https://l.facebook.com/', 'facebook / social'],
    ['gclid=x&fbclid=y', 'https://www.google.com/', 'google / cpc'],
    ['gclid=x&fbclid=y', '', 'google / cpc'],
    ['gclid=not%20one', '', '(direct) / (none)'],
    ['gclid=x', 'https://plumber.example/', 'google / cpc'],
    ['pp=20', '', '(direct) / (none)'],
  ])('%s from %j is %s', (query, referrer, expected) => {
    expect(named(query, referrer)).toBe(expected);
  });
});

describe('referrers', () => {
  it.each([
    ['https://www.google.com/', 'google / organic'],
    ['https://www.google.co.uk/url?q=x', 'google / organic'],
    ['https://google.com.hk/', 'google / organic'],
    ['https://images.google.de/', 'google / organic'],
    ['https://news.google.co.uk/', 'google / organic'],
    ['https://www.bing.com/search?q=x', 'bing / organic'],
    ['https://cn.bing.com/', 'bing / organic'],
    ['https://duckduckgo.com/', 'duckduckgo / organic'],
    ['https://yandex.ru/search/?text=x', 'yandex / organic'],
    ['https://yandex.com.tr/', 'yandex / organic'],
    ['https://ya.ru/', 'yandex / organic'],
    ['https://uk.search.yahoo.com/', 'yahoo / organic'],
    ['https://search.yahoo.co.jp/', 'yahoo / organic'],
    ['https://go.mail.ru/search?q=x', 'mail.ru / organic'],
    ['https://nova.rambler.ru/', 'rambler / organic'],
    ['https://search.brave.com/', 'brave / organic'],
    ['https://l.facebook.com/l.php?u=x', 'facebook / social'],
    ['https://m.facebook.com/', 'facebook / social'],
    ['https://t.co/abc', 'twitter / social'],
    ['https://m.yelp.com/biz/x', 'yelp / social'],
    ['https://www.houzz.co.uk/', 'houzz / social'],
    ['https://x.com/', 'twitter / social'],
    ['https://www.linkedin.com/', 'linkedin / social'],
    ['https://www.pinterest.co.uk/', 'pinterest / social'],
    ['https://away.vk.com/away.php', 'vk / social'],
    ['https://ok.ru/', 'ok / social'],
    ['https://t.me/channel', 'telegram / social'],
    ['https://dzen.ru/a/x', 'dzen / social'],
    ['https://www.youtube.com/', 'youtube / video'],
    ['https://mail.google.com/', 'gmail / email'],
    ['https://mail.yahoo.com/', 'yahoo mail / email'],
    ['https://e.mail.ru/', 'mail.ru mail / email'],
    ['https://mail.yandex.ru/', 'yandex mail / email'],
    ['https://outlook.live.com/', 'outlook / email'],
    ['https://chatgpt.com/', 'chatgpt / ai-assistant'],
    ['https://www.perplexity.ai/', 'perplexity / ai-assistant'],
    ['https://gemini.google.com/', 'gemini / ai-assistant'],
    ['https://copilot.microsoft.com/', 'copilot / ai-assistant'],
    ['https://claude.ai/', 'claude / ai-assistant'],
    ['https://yiyan.baidu.com/', 'ernie / ai-assistant'],
    ['https://suche.web.de/web?q=x', 'web.de search / organic'],
    ['https://navigator.web.de/', 'web.de / email'],
    ['https://maps.google.com/', 'google maps / organic'],
    ['https://www.google.de/maps/place/x', 'google maps / organic'],
    ['https://yandex.ru/maps/org/1', 'yandex maps / organic'],
    ['https://2gis.ru/', '2gis / organic'],
    ['android-app://com.google.android.gm/', 'gmail / email'],
    ['android-app://com.google.android.googlequicksearchbox/', 'google / organic'],
    ['android-app://org.telegram.messenger', 'telegram / social'],
    ['android-app://com.unknown.app/', 'com.unknown.app / referral'],
    ['https://blog.example/post', 'blog.example / referral'],
    ['https://www.blog.example/', 'blog.example / referral'],
    ['http://192.0.2.7/', '192.0.2.7 / referral'],
    ['http://intranet/', 'intranet / referral'],
  ])('%s is %s', (referrer, expected) => {
    expect(named('', referrer)).toBe(expected);
  });

  it.each([
    ['https://notgoogle.com/', 'notgoogle.com'],
    ['https://google.com.evil.example/', 'google.com.evil.example'],
    ['https://notyelp.com/', 'notyelp.com'],
    ['https://google.evil.com/', 'google.evil.com'],
    ['https://www.google.com.evil.com/', 'google.com.evil.com'],
    ['https://evil.com/?q=google.com', 'evil.com'],
    ['https://evil.com/google.com', 'evil.com'],
    ['https://evil.com#https://google.com', 'evil.com'],
    ['https://google.com@evil.com/', 'evil.com'],
    ['https://google.xyz/', 'google.xyz'],
    ['https://google.github.io/', 'google.github.io'],
    ['https://docs.google.com/', 'docs.google.com'],
    ['https://docs.google.com/maps', 'docs.google.com'],
    ['https://market.yandex.ru/', 'market.yandex.ru'],
    ['https://finance.yahoo.com/', 'finance.yahoo.com'],
    ['https://netflix.com/', 'netflix.com'],
    ['https://best.com/', 'best.com'],
    ['https://mybook.ru/', 'mybook.ru'],
    ['https://chat.me/', 'chat.me'],
    ['https://com.google.android.gm/', 'com.google.android.gm'],
  ])('%s is a site of its own', (referrer, source) => {
    expect(of('', referrer)).toMatchObject({ source, medium: 'referral', reason: 'referral' });
  });

  it.each([
    [''],
    ['https://www.plumber.example/'],
    ['https://plumber.example/other'],
    ['http://plumber.example:8080/'],
    ['https://book.plumber.example/'],
    ['https://berlin.plumber-group.example/'],
    ['https://accounts.google.com/'],
    ['https://www.paypal.com/checkout'],
    ['about:blank'],
    ['junk'],
  ])('%j is direct', (referrer) => {
    expect(of('', referrer)).toEqual({
      source: '(direct)',
      medium: '(none)',
      campaign: null,
      term: null,
      content: null,
      reason: 'direct',
    });
  });

  it.each([
    ['https://shop.plumber.example/'],
    ['https://notplumber.example/'],
    ['https://evilplumber-group.example/'],
  ])('%s is not the site', (referrer) => {
    expect(of('', referrer).medium).toBe('referral');
  });
});

describe('isArrival', () => {
  it.each([
    ['', '', false],
    ['', 'https://plumber.example/', false],
    ['color=red', '', false],
    ['', 'https://www.google.com/', true],
    ['utm_campaign=winter', '', true],
    ['gclid=x', 'https://plumber.example/', true],
    ['mc_eid=x', '', true],
  ])('%j from %j: %s', (query, referrer, expected) => {
    const url = `https://plumber.example/?${query}`;
    expect(isArrival(parseArrival({ url, referrer }), SITE_HOSTS)).toBe(expected);
  });
});

it('always names a source and a medium', () => {
  const text = fc.oneof(fc.webUrl({ withQueryParameters: true }), fc.string({ unit: 'binary' }), fc.ipV6());
  fc.assert(
    fc.property(text, text, fc.array(text), (url, referrer, hosts) => {
      const { source, medium } = classify(parseArrival({ url, referrer }), hosts);
      expect(source).not.toBe('');
      expect(medium).not.toBe('');
    }),
  );
});
