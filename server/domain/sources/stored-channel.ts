import type { DeriveChannel } from '../../stores/channels.js';
import { channelFor } from './channel-rules.js';
import { addressOf, pathOf, readUrl } from './web-address.js';

/** The channel of an arrival as it is stored: the same that it was given, or would be by these rules. */
export const storedChannel: DeriveChannel = (rules, arrival) => {
  const referrer = readUrl(arrival.referring_url);
  return channelFor(rules, {
    source: arrival.source,
    medium: arrival.medium,
    campaign: arrival.campaign,
    landingPath: arrival.landing_page_url === null ? null : pathOf(arrival.landing_page_url),
    referrerDomain: referrer && addressOf(referrer).host,
    clickIds: Object.keys(arrival.click_ids ?? {}),
  });
};
