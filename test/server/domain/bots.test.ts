import { describe, expect, it } from 'vitest';
import { isBotRequest, type RequestHeaders } from '../../../server/domain/bots.js';

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36';

describe('a bot is', () => {
  it.each([
    ['Googlebot', 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'],
    [
      'Googlebot as a phone',
      'Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
    ],
    ['YandexBot', 'Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)'],
    [
      'GPTBot',
      'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)',
    ],
    ['the ads check', 'AdsBot-Google (+http://www.google.com/adsbot.html)'],
    ['curl', 'curl/8.5.0'],
    ['headless Chrome', CHROME.replace('Chrome/', 'HeadlessChrome/')],
    [
      'Lighthouse',
      'Mozilla/5.0 (Linux; Android 11; moto g power (2022)) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Mobile Safari/537.36 Chrome-Lighthouse',
    ],
    ['whoever does not say', ''],
    ['whoever says a blank', ' '],
    ['whoever sends no header', undefined],
  ])('%s', (_, userAgent) => {
    expect(isBotRequest({ userAgent, headers: {} })).toBe(true);
  });

  it.each<[RequestHeaders]>([
    [{ 'sec-purpose': 'prefetch' }],
    [{ 'sec-purpose': 'prefetch;prerender' }],
    [{ 'sec-purpose': 'prefetch;anonymous-client-ip' }],
    [{ purpose: 'prefetch' }],
    [{ purpose: ['prefetch', 'x'] }],
    [{ 'x-purpose': 'preview' }],
    [{ 'x-moz': 'prefetch' }],
  ])('a page fetched before anybody asked: %j', (headers) => {
    expect(isBotRequest({ userAgent: CHROME, headers })).toBe(true);
  });
});

describe('no bot is', () => {
  it.each([
    ['Chrome', CHROME],
    [
      'an iPhone',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
    ],
    ['a phone called Cubot', CHROME.replace('Windows NT 10.0; Win64; x64', 'Linux; Android 9; CUBOT X19')],
    ['Firefox', 'Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0'],
  ])('%s', (_, userAgent) => {
    expect(isBotRequest({ userAgent, headers: { 'sec-fetch-mode': 'cors', purpose: undefined } })).toBe(
      false,
    );
  });
});
