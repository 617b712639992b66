import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deviceType } from '../../../server/domain/device.js';

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)';

it.each([
  [
    'Chrome on a phone',
    `Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} Chrome/131.0.0.0 Mobile Safari/537.36`,
    'mobile',
  ],
  [
    'Safari on an iPhone',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
    'mobile',
  ],
  [
    'Facebook on an iPhone',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/21G80 [FBAN/FBIOS;FBAV/480.0.0.30.107]',
    'mobile',
  ],
  ['Firefox on a phone', 'Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0', 'mobile'],
  [
    'Samsung Internet on a phone',
    `Mozilla/5.0 (Linux; Android 14; SM-S918B) ${WEBKIT} SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36`,
    'mobile',
  ],
  [
    'Yandex on a phone',
    `Mozilla/5.0 (Linux; arm_64; Android 13; M2101K6G) ${WEBKIT} Chrome/126.0.0.0 YaBrowser/24.7.1.90.00 SA/3 Mobile Safari/537.36`,
    'mobile',
  ],
  [
    'Opera Mini',
    'Opera/9.80 (Android; Opera Mini/36.2.2254/119.132; U; id) Presto/2.12.423 Version/12.16',
    'mobile',
  ],
  ['KaiOS', 'Mozilla/5.0 (Mobile; Nokia 8110 4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5', 'mobile'],
  [
    'Windows Phone',
    'Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/52.0.2743.116 Mobile Safari/537.36 Edge/15.15063',
    'mobile',
  ],
  [
    'an old iPad',
    'Mozilla/5.0 (iPad; CPU OS 12_5_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 Mobile/15E148 Safari/604.1',
    'tablet',
  ],
  [
    'Chrome on an iPad asked for the mobile page',
    'Mozilla/5.0 (iPad; CPU OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/127.0.6533.77 Mobile/15E148 Safari/604.1',
    'tablet',
  ],
  [
    'a Samsung tablet',
    `Mozilla/5.0 (Linux; Android 13; SM-X700) ${WEBKIT} Chrome/131.0.0.0 Safari/537.36`,
    'tablet',
  ],
  ['Firefox on a tablet', 'Mozilla/5.0 (Android 13; Tablet; rv:132.0) Gecko/132.0 Firefox/132.0', 'tablet'],
  [
    'a Fire tablet',
    `Mozilla/5.0 (Linux; Android 11; KFTRWI) ${WEBKIT} Silk/128.4.1 like Chrome/128.0.6613.187 Safari/537.36`,
    'tablet',
  ],
  [
    'Safari on an iPad since iPadOS 13, which cannot be told from a Mac',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15',
    'desktop',
  ],
  [
    'Chrome on Windows',
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/131.0.0.0 Safari/537.36`,
    'desktop',
  ],
  ['Firefox on Linux', 'Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0', 'desktop'],
  [
    'a Chromebook',
    `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${WEBKIT} Chrome/131.0.0.0 Safari/537.36`,
    'desktop',
  ],
  [
    'Internet Explorer with tablet services',
    'Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; SLCC2; Tablet PC 2.0; rv:11.0) like Gecko',
    'desktop',
  ],
  [
    'Android TV',
    `Mozilla/5.0 (Linux; Android 12; BRAVIA 4K UR2) ${WEBKIT} Chrome/126.0.0.0 Safari/537.36`,
    'desktop',
  ],
  [
    'Fire TV',
    `Mozilla/5.0 (Linux; Android 9; AFTKA) ${WEBKIT} Silk/126.4.1 like Chrome/126.0.0.0 Safari/537.36`,
    'desktop',
  ],
  [
    'a Samsung television',
    'Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.5) AppleWebKit/537.36 (KHTML, like Gecko) 85.0.4183.93/6.5 TV Safari/537.36',
    'desktop',
  ],
  [
    'a console',
    'Mozilla/5.0 (PlayStation; PlayStation 5/9.00) AppleWebKit/605.1.15 (KHTML, like Gecko)',
    'desktop',
  ],
  ['nothing', '', 'desktop'],
  ['no header', undefined, 'desktop'],
])('%s', (_, userAgent, expected) => {
  expect(deviceType(userAgent)).toBe(expected);
});

it('says one of three, whatever comes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (userAgent) => {
      expect(['mobile', 'tablet', 'desktop']).toContain(deviceType(userAgent));
    }),
  );
});
