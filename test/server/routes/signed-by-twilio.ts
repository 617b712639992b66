import { createHmac } from 'node:crypto';
import { type Answer, api, type Loose } from '../../support/api.js';

/** X-Twilio-Signature as Twilio documents it: the URL, then each parameter's name and value, by name. */
export function signatureOf(token: string, url: string, params: Record<string, string>): string {
  const signed = Object.keys(params)
    .sort()
    .reduce((text, name) => text + name + params[name], url);
  return createHmac('sha1', token).update(Buffer.from(signed, 'utf8')).digest('base64');
}

/** A webhook as Twilio sends it to `base`, signed for the address that Twilio knows us by. */
export async function twilioSends(
  to: { base: string; publicUrl?: string; token?: string },
  path: string,
  params: Record<string, string>,
  signature?: string,
): Promise<Answer<Loose>> {
  const url = `${to.publicUrl ?? to.base}${path}`;
  const header = signature ?? (to.token === undefined ? undefined : signatureOf(to.token, url, params));
  return api(to.base).post(path, new URLSearchParams(params), {
    ...(header === undefined ? {} : { 'x-twilio-signature': header }),
    'user-agent': 'TwilioProxy/1.1',
  });
}

/** The request that comes when a caller rings a number. */
export const ringing = (callSid: string, to: string, more: Record<string, string> = {}) => ({
  AccountSid: 'AC00000000000000000000000000000001',
  ApiVersion: '2010-04-01',
  CallSid: callSid,
  CallStatus: 'ringing',
  Called: to,
  Caller: '+12125550123',
  Direction: 'inbound',
  From: '+12125550123',
  FromCity: 'NEW YORK',
  FromCountry: 'US',
  FromState: 'NY',
  To: to,
  ...more,
});
