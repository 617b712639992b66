import { newId } from '../../server/lib/ids.js';
import type { ArrivalRecord, Visit } from '../../server/stores/visits.js';

/** An arrival that nobody sent. */
export const direct: ArrivalRecord = {
  source: '(direct)',
  medium: '(none)',
  campaign: null,
  term: null,
  content: null,
  channel: 'Direct',
  utm: {},
  clickIds: {},
  campaignSignature: null,
  landingPageUrl: 'https://shop.example/',
  landingPage: 'https://shop.example/',
  landingParams: {},
  referringUrl: null,
  referrerDomain: null,
};

/** An arrival by a campaign. */
export const byCampaign = (name: string): ArrivalRecord => ({
  ...direct,
  source: 'google',
  medium: 'cpc',
  campaign: name,
  channel: 'Paid Search',
  campaignSignature: `campaign-${name}`,
  landingPageUrl: `https://shop.example/?utm_campaign=${name}`,
});

/** A visit of a page without numbers. */
export const visitOf = (given: Pick<Visit, 'siteId' | 'visitorId'> & Partial<Visit>): Visit => ({
  page: { id: newId(), url: 'https://shop.example/', title: null, referrer: null },
  deviceType: 'desktop',
  country: null,
  ids: {},
  arrival: direct,
  proposed: [],
  signed: [],
  ...given,
});
