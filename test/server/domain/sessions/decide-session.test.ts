import { describe, expect, it } from 'vitest';
import { decideSession, IDLE_MS } from '../../../../server/domain/sessions/decide-session.js';
import type { ArrivalRecord, VisitorState } from '../../../../server/stores/visits.js';
import { byCampaign, direct } from '../../../support/visit.js';

const now = new Date('2026-01-05T12:00:00Z');
const idle = (ms: number) => new Date(now.getTime() - ms);
const state = (given: Partial<VisitorState> = {}): VisitorState => ({
  siteId: 'site',
  sessionId: 'session',
  lastSeenAt: idle(60_000),
  campaignSignature: null,
  landingPageUrl: direct.landingPageUrl,
  referringUrl: null,
  ...given,
});
const referral: ArrivalRecord = {
  ...direct,
  source: 'news.example',
  medium: 'referral',
  referringUrl: 'https://news.example/',
};
const winter = byCampaign('winter');
const { campaignSignature } = winter;

const starts = { startsSession: true, isTouch: true };
const touches = { startsSession: false, isTouch: true };
const goesOn = { startsSession: false, isTouch: false };

describe('a visit', () => {
  it.each<[string, VisitorState | null, ArrivalRecord, object]>([
    ['of a new visitor starts a session', null, direct, starts],
    [
      'of a visitor who never had a session starts one',
      state({ sessionId: null, lastSeenAt: null }),
      direct,
      starts,
    ],
    ['a moment before the half hour goes on', state({ lastSeenAt: idle(IDLE_MS - 1) }), direct, goesOn],
    ['after the half hour starts a session', state({ lastSeenAt: idle(IDLE_MS) }), direct, starts],
    [
      'after the half hour starts one by the same campaign too',
      state({ lastSeenAt: idle(IDLE_MS), campaignSignature }),
      winter,
      starts,
    ],
    ['by a campaign starts a session within a direct one', state(), winter, starts],
    ['by another campaign starts a session', state({ campaignSignature: 'other' }), winter, starts],
    [
      'by the same campaign goes on',
      state({ campaignSignature, landingPageUrl: winter.landingPageUrl }),
      winter,
      goesOn,
    ],
    [
      'by the same campaign to another page goes on as a touch',
      state({ campaignSignature }),
      winter,
      touches,
    ],
    ['without a campaign goes on within a campaign’s session', state({ campaignSignature }), direct, goesOn],
    ['from another site goes on as a touch', state(), referral, touches],
    [
      'from the same site again, to the same page, goes on',
      state({ referringUrl: referral.referringUrl }),
      referral,
      goesOn,
    ],
    ['seen before what was seen last goes on', state({ lastSeenAt: idle(-5_000) }), direct, goesOn],
  ])('%s', (_, known, arrival, expected) => {
    expect(decideSession(known, arrival, now)).toEqual(expected);
  });
});
