import { createMemo } from '../lib/memo.js';

export type DeviceType = 'mobile' | 'tablet' | 'desktop';

/** Television sets and boxes: Android without `Mobile`, and yet no tablets. */
const TELEVISION = /\bTV\b|SmartTV|SMART-TV|GoogleTV|AppleTV|BRAVIA|\bAFT[A-Z]|CrKey|Tizen(?!.*Mobile)|Web0S/;
const TABLET = /\biPad\b|\bTablet\b(?! PC)|\bPlayBook\b|\bSilk\/(?!.*\bMobile\b)|\bKindle\b|\bTouchPad\b/;
const ANDROID = /\bAndroid\b/;
const MOBILE =
  /\bMobile\b|\bMobi\b|\biPhone\b|\biPod\b|Windows Phone|IEMobile|BlackBerry|\bBB10\b|Opera M(?:ini|obi)|\bKAIOS\b|Symbian|J2ME|\bMIDP\b/i;

const known = createMemo<DeviceType>(5_000);

/**
 * What a user agent says the visitor holds. Android's rule is Google's: a phone says `Mobile`, a tablet does not.
 * An iPad calls itself a Macintosh since iPadOS 13 and can then not be told from one: `desktop`. A television set,
 * a games console and what we do not know are `desktop` too.
 */
export function deviceType(userAgent: string | null | undefined): DeviceType {
  const agent = (userAgent ?? '').slice(0, 1_024);
  return known(agent, () => read(agent));
}

function read(agent: string): DeviceType {
  if (TELEVISION.test(agent)) return 'desktop';
  if (TABLET.test(agent)) return 'tablet';
  if (MOBILE.test(agent)) return 'mobile';
  return ANDROID.test(agent) ? 'tablet' : 'desktop';
}
