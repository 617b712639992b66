import { IDS } from './example-values.js';

const TWILIO = {
  AccountSid: 'AC00000000000000000000000000000000',
  CallSid: 'CA00000000000000000000000000000001',
  From: '+12125550123',
  To: '+12025550120',
};

/** Bodies of requests that say more than every field once would; by operation. */
export const REQUESTS: Record<string, unknown> = {
  'POST /v1/events': {
    type: 'view',
    site: 'sab2cd3ef4gh5jk6',
    page: {
      url: 'https://www.shop.example/boilers?utm_source=google&utm_medium=cpc&utm_campaign=winter',
      referrer: 'https://www.google.com/',
      title: 'Boilers and repairs',
    },
    found: ['+12025550100'],
  },
  'POST /v1/providers/twilio/voice': { ...TWILIO, CallStatus: 'ringing', Direction: 'inbound' },
  'POST /v1/providers/twilio/status': { ...TWILIO, CallStatus: 'completed', CallDuration: '95' },
  'POST /v1/providers/twilio/dial': { ...TWILIO, DialCallStatus: 'completed', DialCallDuration: '88' },
  'POST /v1/calls/start': {
    call_id: 'CA-2026-10-30-0017',
    to: '+12025550120',
    from: '+12125550123',
    started_at: '2026-10-30T14:07:42Z',
  },
  'POST /v1/calls/end': {
    call_id: 'CA-2026-10-30-0017',
    status: 'answered',
    duration: 95,
    talk_time: 88,
    recording_url: 'https://recordings.provider.example/CA-2026-10-30-0017.mp3',
  },
  'PATCH /v1/calls/{id}': { append_tags: ['boiler'], value: 1900, lead_status: 'good_lead' },
  'PATCH /v1/leads/{id}': { value: 1900, lead_status: 'good_lead' },
  'POST /v1/calls/tags': { ids: [IDS.call], add: ['boiler'], remove: ['new'] },
  'POST /v1/costs': {
    site_id: IDS.site,
    costs: [
      {
        date: '2026-10-30',
        source: 'google',
        medium: 'cpc',
        campaign: 'winter',
        keyword: 'boiler repair',
        cost: 18.4,
        clicks: 12,
        impressions: 480,
      },
    ],
  },
  'POST /v1/sites': {
    name: 'Shop',
    time_zone: 'America/New_York',
    default_region: 'US',
    currency: 'USD',
    allowed_origins: ['https://www.shop.example'],
  },
  'PATCH /v1/sites/{id}': {
    qualified_seconds: 45,
    providers: { twilio: { account_sid: TWILIO.AccountSid, auth_token: 'the auth token of the account' } },
  },
  'POST /v1/trackers': {
    site_id: IDS.site,
    name: 'Website visitors',
    type: 'session',
    targets: ['+12025550100'],
    destination: '+12025550100',
    numbers: ['+12025550120', '+12025550121', '+12025550122'],
  },
  'PATCH /v1/trackers/{id}': { numbers: ['+12025550120', '+12025550121'], match: { source: ['google'] } },
  'POST /v1/numbers': { number: '+12025550123', tracker_id: IDS.tracker },
  'POST /v1/keys': { name: 'Reports for the agency', scopes: ['reports:read'], site_id: IDS.site },
  'PATCH /v1/keys/{id}': { scopes: ['reports:read', 'calls:write'] },
};

/** What is no JSON, by operation and media type. */
export const TEXTS: Record<string, string> = {
  'POST /v1/costs text/csv':
    'date,source,medium,campaign,keyword,cost,clicks,impressions\r\n2026-10-30,google,cpc,winter,boiler repair,18.40,12,480\r\n',
  'GET /dni/{file} text/javascript': '(function(config){…})({"site":"sab2cd3ef4gh5jk6"});',
  'GET /metrics text/plain':
    '# HELP dni_postgres_up Whether Postgres answers\n# TYPE dni_postgres_up gauge\ndni_postgres_up 1\n',
  'POST /v1/providers/twilio/status text/xml':
    '<?xml version="1.0" encoding="UTF-8"?>\n<Response></Response>',
  'POST /v1/providers/twilio/dial text/xml': '<?xml version="1.0" encoding="UTF-8"?>\n<Response></Response>',
  'POST /v1/providers/twilio/voice text/xml':
    '<?xml version="1.0" encoding="UTF-8"?><Response><Dial answerOnBridge="true" action="https://HOST/v1/providers/twilio/dial"><Number>+12025550100</Number></Dial></Response>',
};
