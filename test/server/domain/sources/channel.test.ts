import { describe, expect, test } from 'vitest';
import { channelOf } from '../../../../server/domain/sources/channel.js';
import { KNOWN_SITES } from '../../../../server/domain/sources/known-sites.js';

describe('the channel', () => {
  test.each([
    ['(direct)', '(none)', null, 'Direct'],
    ['(direct)', '(not set)', null, 'Direct'],
    ['(direct)', 'email', null, 'Email'],
    ['google', 'cpc', 'Cross-Network pmax', 'Cross-network'],
    ['amazon', 'cpc', null, 'Paid Shopping'],
    ['google', 'cpc', 'Spring shopping', 'Paid Shopping'],
    ['google', 'cpc', 'shop-brand', 'Paid Shopping'],
    ['google', 'cpc', 'eshop', 'Paid Shopping'],
    ['google', 'cpc', 'workshop', 'Paid Search'],
    ['google', 'cpc', null, 'Paid Search'],
    ['Google', 'CPC', null, 'Paid Search'],
    ['bing', 'ppc', null, 'Paid Search'],
    ['yandex', 'cpc', null, 'Paid Search'],
    ['google.de', 'cpc', null, 'Paid Search'],
    ['facebook', 'paid social', null, 'Paid Social'],
    ['fb', 'paid', null, 'Paid Social'],
    ['m.facebook.com', 'cpc', null, 'Paid Social'],
    ['vk', 'cpc', null, 'Paid Social'],
    ['linkedin', 'retargeting', null, 'Paid Social'],
    ['youtube', 'cpv', null, 'Paid Video'],
    ['youtube', 'cpc', null, 'Paid Video'],
    ['criteo', 'display', null, 'Display'],
    ['dv360', 'banner', null, 'Display'],
    ['somewhere', 'cpm', null, 'Display'],
    // A source with a category is told by it first.
    ['google', 'cpm', null, 'Paid Search'],
    ['outbrain', 'paid native', null, 'Paid Other'],
    ['chatgpt', 'cpc', null, 'Paid Other'],
    ['etsy', 'referral', null, 'Organic Shopping'],
    ['www.amazon.co.uk', 'referral', null, 'Organic Shopping'],
    ['newsletter', 'email', 'shop opening', 'Organic Shopping'],
    ['facebook', 'social', null, 'Organic Social'],
    ['l.instagram.com', 'referral', null, 'Organic Social'],
    ['hootsuite', 'social-media', null, 'Organic Social'],
    ['youtube', 'video', null, 'Organic Video'],
    ['somewhere', 'instream-video', null, 'Organic Video'],
    ['chatgpt', 'ai-assistant', null, 'AI Assistants'],
    ['chatgpt.com', '(not set)', null, 'AI Assistants'],
    ['perplexity', 'organic', null, 'AI Assistants'],
    ['gemini.google.com', 'referral', null, 'AI Assistants'],
    ['somebot', 'ai-assistant', null, 'AI Assistants'],
    ['google', 'organic', null, 'Organic Search'],
    ['duckduckgo', 'referral', null, 'Organic Search'],
    ['unheard-of', 'organic', null, 'Organic Search'],
    ['google maps', 'organic', null, 'Organic Search'],
    ['news.example', 'referral', null, 'Referral'],
    ['partner', 'link', null, 'Referral'],
    ['mailchimp', 'email', null, 'Email'],
    ['e-mail', '(not set)', null, 'Email'],
    ['cj', 'affiliate', null, 'Affiliates'],
    ['spotify', 'audio', null, 'Audio'],
    ['sms', '(not set)', null, 'SMS'],
    ['twilio', 'sms', null, 'SMS'],
    ['onesignal', 'web push', null, 'Mobile Push Notifications'],
    ['app', 'mobile', null, 'Mobile Push Notifications'],
    ['firebase', '(not set)', null, 'Mobile Push Notifications'],
    ['flyer', 'print', null, 'Unassigned'],
    ['(unknown)', null, null, 'Unassigned'],
    ['', '', '', 'Unassigned'],
    // By host, never by substring.
    ['notgoogle.com', 'cpc', null, 'Paid Other'],
    ['google.com.evil.example', 'cpc', null, 'Paid Other'],
    ['myamazon.example', 'cpc', null, 'Paid Other'],
    ['docs.google.com', 'referral', null, 'Referral'],
  ])('of %s / %s / %s is %s', (source, medium, campaign, channel) => {
    expect(channelOf({ source, medium, campaign })).toBe(channel);
  });

  test.each([
    ['search', 'Paid Search'],
    ['social', 'Paid Social'],
    ['video', 'Paid Video'],
  ] as const)('of every known %s site, paid, is %s', (kind, channel) => {
    for (const source of Object.keys(KNOWN_SITES[kind])) {
      expect({ source, channel: channelOf({ source, medium: 'cpc', campaign: null }) }).toEqual({
        source,
        channel,
      });
    }
  });
});
