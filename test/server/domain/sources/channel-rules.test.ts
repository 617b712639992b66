import { describe, expect, it } from 'vitest';
import { type ChannelFacts, channelFor } from '../../../../server/domain/sources/channel-rules.js';
import { storedChannel } from '../../../../server/domain/sources/stored-channel.js';
import type { ChannelRule } from '../../../../server/stores/settings.js';

const facts: ChannelFacts = {
  source: 'Partner',
  medium: 'referral',
  campaign: 'Winter',
  landingPath: '/Shop/boilers',
  referrerDomain: 'blog.partner.co.uk',
  clickIds: ['awc'],
};

const own = (match: ChannelRule['match']): ChannelRule[] => [{ channel: 'Own', match }];

describe('a rule of a site', () => {
  it.each<[ChannelRule['match'], boolean]>([
    [{}, true],
    [{ source: 'partner' }, true],
    [{ source: 'part' }, false],
    [{ source: ['other', 'PARTNER'], medium: 'referral', campaign: 'winter' }, true],
    [{ source: 'partner', medium: 'cpc' }, false],
    [{ landing_page: '/shop' }, true],
    [{ landing_page: '/sho' }, false],
    [{ referrer_domain: 'blog.partner.co.uk' }, true],
    [{ referrer_domain: 'Partner.co.uk' }, true],
    [{ referrer_domain: ['news.example', 'www.partner.co.uk'] }, true],
    [{ referrer_domain: 'shop.partner.co.uk' }, false],
    [{ referrer_domain: 'co.uk' }, false],
    [{ referrer_domain: 'artner.co.uk' }, false],
    [{ referrer_domain: 'partner.co' }, false],
    [{ click_id: 'AWC' }, true],
    [{ click_id: ['gclid', 'awc'] }, true],
    [{ click_id: 'gclid' }, false],
    [{ source: 'partner', click_id: 'gclid' }, false],
  ])('with match %j: %s', (match, expected) => {
    expect(channelFor(own(match), facts)).toBe(expected ? 'Own' : 'Referral');
  });

  it.each<ChannelRule['match']>([
    { landing_page: '/' },
    { referrer_domain: 'partner.co.uk' },
    { click_id: 'awc' },
    { campaign: 'winter' },
  ])('that asks for %j does not fit what came to no page', (match) => {
    const printed = { source: 'flyer', medium: null, campaign: null, landingPath: null };
    expect(channelFor(own(match), { ...printed, referrerDomain: null, clickIds: [] })).toBe('Unassigned');
  });

  it('does not know a host by a part of its name', () => {
    const rules = own({ referrer_domain: 'partner.example' });
    for (const referrerDomain of ['notpartner.example', 'partner.example.evil.example', 'partner.exampled']) {
      expect(channelFor(rules, { ...facts, referrerDomain })).toBe('Referral');
    }
  });
});

it('the first rule that fits gives the channel, before those of Google Analytics', () => {
  const rules: ChannelRule[] = [
    { channel: 'Nobody', match: { source: 'nobody' } },
    { channel: 'Partners', match: { source: 'partner' } },
    { channel: 'All', match: {} },
  ];
  expect(channelFor(rules, facts)).toBe('Partners');
  expect(channelFor(rules.slice(0, 1), facts)).toBe('Referral');
  expect(channelFor([], { ...facts, medium: 'cpc' })).toBe('Paid Other');
});

it('what is stored of an arrival is told by page, referrer and click ids as the arrival was', () => {
  const stored = {
    source: 'partner',
    medium: 'referral',
    campaign: null,
    landing_page_url: 'https://shop.example/boilers/new?awc=1',
    referring_url: 'https://www.blog.partner.example/post',
    click_ids: { awc: '1' },
  };
  const rules = own({ landing_page: '/boilers', referrer_domain: 'blog.partner.example', click_id: 'awc' });
  expect(storedChannel(rules, stored)).toBe('Own');
  for (const without of [{ landing_page_url: null }, { referring_url: null }, { click_ids: null }]) {
    expect(storedChannel(rules, { ...stored, ...without })).toBe('Referral');
  }
});
