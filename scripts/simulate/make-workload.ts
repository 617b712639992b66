import { type Random, seededRandom } from './random.js';
import type { WorkloadEvent } from './workload.js';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

// Of each kind, the mean.
const minutes = (random: Random) => random.exponential(4 * MINUTE);
const hours = (random: Random) => random.exponential(3 * HOUR);
const days = (random: Random) => random.exponential(2 * DAY);

/** Minutes, hours and days, in these shares. */
const mix = (quick: number, slow: number) => (random: Random) => {
  const at = random.next();
  return at < quick ? minutes(random) : at < quick + slow ? hours(random) : days(random);
};

/** How long after a page was shown its visitor calls, in seconds. */
export const DELAYS = {
  /** 60 % within minutes, 25 % within hours, 15 % within days. */
  mixed: mix(0.6, 0.25),
  /** 35 %, 35 %, 30 %. */
  slow: mix(0.35, 0.35),
  /** Half within 20 minutes, a tenth after more than four hours. */
  lognormal: (random: Random) => 20 * MINUTE * Math.exp(2 * random.normal()),
  /** At once, or any time in a week. */
  split: (random: Random) =>
    random.chance(0.7) ? random.between(0, 3 * MINUTE) : random.between(0, 7 * DAY),
  /** Weibull, shape 1/2, scale 6 hours: a long tail from seconds to weeks. */
  weibull: (random: Random) => 6 * HOUR * random.exponential(1) ** 2,
} satisfies Record<string, (random: Random) => number>;

export interface WorkloadSettings {
  seed: number;
  days: number;
  visitsPerHour: number;
  /** Share of visits that lead to a call. */
  callers: number;
  delays: keyof typeof DELAYS;
}

const MOBILE = 0.6;
/** Of those who call within ten minutes on a phone. */
const TAPS = 0.7;
const RETURNING = 0.2;
const REDIALS = 0.25;
const WITHHELD = 0.08;
const SOURCES = ['google', 'google', 'bing', 'facebook', 'newsletter', 'direct'];

/**
 * What visitors of a shop do: more come by day than by night, a fifth have been there within three days, they stay three
 * minutes on average, some call after a while, on a phone mostly by a tap, some call again, some withhold their number.
 */
export function makeWorkload({ seed, days: length, visitsPerHour, callers, delays }: WorkloadSettings) {
  const random = seededRandom(seed);
  const events: WorkloadEvent[] = [];
  const end = length * DAY;
  let lately: { visitor: string; t: number }[] = [];
  let visitors = 0;

  function calls(visitor: string, t: number, until: number, isMobile: boolean): number {
    const from = random.chance(WITHHELD) ? null : `+1212${visitor.slice(1).padStart(7, '0')}`;
    const delay = DELAYS[delays](random);
    let at = t + Math.max(5, delay);
    let left = until;
    if (isMobile && delay < 10 * MINUTE && random.chance(TAPS)) {
      events.push({ t: at, type: 'tap', visitor });
      left = Math.max(until, at);
      at += random.between(2, 20);
    }
    for (;;) {
      events.push({ t: at, type: 'call', visitor, from });
      if (!random.chance(REDIALS)) return left;
      at += random.exponential(DAY);
    }
  }

  for (let t = 0; ; ) {
    t += random.exponential(HOUR / visitsPerHour / 1.6);
    if (t >= end) break;
    // From 0.4 of the mean at four in the morning to 1.6 in the afternoon.
    const rhythm = 1 - 0.6 * Math.cos((2 * Math.PI * (t - 4 * HOUR)) / DAY);
    if (!random.chance(rhythm / 1.6)) continue;
    lately = lately.filter((one) => one.t > t - 3 * DAY);
    const isBack = lately.length > 0 && random.chance(RETURNING);
    if (!isBack) visitors += 1;
    const visitor = isBack ? random.pick(lately).visitor : `v${visitors}`;
    lately.push({ visitor, t });
    const isMobile = random.chance(MOBILE);
    const stays = t + 10 + random.exponential(170);
    const until = random.chance(callers) ? calls(visitor, t, stays, isMobile) : stays;
    const device = isMobile ? 'mobile' : 'desktop';
    events.push({ t, type: 'visit', visitor, until, source: random.pick(SOURCES), device });
  }
  return events.filter((event) => event.t < end).sort((a, b) => a.t - b.t);
}
