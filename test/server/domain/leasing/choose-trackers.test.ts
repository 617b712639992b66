import { describe, expect, it } from 'vitest';
import { fits, type MatchFacts, needFacts } from '../../../../server/domain/leasing/choose-trackers.js';
import type { Tracker, TrackerMatch } from '../../../../server/stores/settings.js';

const facts: MatchFacts = {
  source: 'Google',
  medium: 'cpc',
  campaign: 'Winter',
  landingPath: '/Shop/boilers',
  referrerDomain: 'www.google.com',
  channel: 'Paid Search',
};
const direct: MatchFacts = {
  source: '(direct)',
  medium: '(none)',
  campaign: null,
  landingPath: '/',
  referrerDomain: null,
  channel: 'Direct',
};

describe('a session fits a tracker', () => {
  it.each<[TrackerMatch, boolean]>([
    [{}, true],
    [{ source: 'google' }, true],
    [{ source: 'GOOGLE', medium: 'CPC', campaign: 'winter' }, true],
    [{ source: 'bing' }, false],
    [{ source: 'goog' }, false],
    [{ source: ['bing', 'google'] }, true],
    [{ source: ['bing', 'yandex'] }, false],
    [{ source: [] }, false],
    [{ source: 'google', medium: 'organic' }, false],
    [{ source: 'google', campaign: ['summer', 'winter'] }, true],
    [{ referrer_domain: 'www.google.com' }, true],
    [{ referrer_domain: 'google.com' }, false],
    [{ channel: 'paid search' }, true],
    [{ channel: ['Direct', 'Paid Search'] }, true],
    [{ channel: 'Organic Search' }, false],
    [{ landing_page: '/shop' }, true],
    [{ landing_page: '/shop/' }, true],
    [{ landing_page: '/SHOP/Boilers' }, true],
    [{ landing_page: '/shop/boilers/' }, true],
    [{ landing_page: '/shop/boiler' }, false],
    [{ landing_page: '/sho' }, false],
    [{ landing_page: '/' }, true],
    [{ landing_page: ['/about', '/shop'] }, true],
    [{ landing_page: '/about' }, false],
    [{ source: 'google', landing_page: '/about' }, false],
  ])('with match %j: %s', (match, expected) => {
    expect(fits(match, facts)).toBe(expected);
  });

  it.each<[TrackerMatch, boolean]>([
    [{}, true],
    [{ source: '(direct)' }, true],
    [{ channel: 'direct' }, true],
    [{ campaign: 'winter' }, false],
    [{ referrer_domain: 'news.example' }, false],
    [{ landing_page: '/' }, true],
    [{ landing_page: '/shop' }, false],
  ])('that nobody sent, with match %j: %s', (match, expected) => {
    expect(fits(match, direct)).toBe(expected);
  });
});

describe('where the session came from is asked for', () => {
  it('where any tracker has a match', () => {
    const tracker = (match: TrackerMatch) => ({ match }) as Tracker;
    expect(needFacts([])).toBe(false);
    expect(needFacts([tracker({}), tracker({})])).toBe(false);
    expect(needFacts([tracker({}), tracker({ source: 'google' })])).toBe(true);
  });
});
