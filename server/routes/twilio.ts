import { z } from 'zod';
import { receiveLater, receiveStart } from '../domain/calls/receive.js';
import { Problem } from '../lib/errors.js';
import type { TwilioParams } from '../providers/twilio/adapter.js';
import type { App } from './app-types.js';
import { problem, problemOf } from './schemas.js';
import type { Services } from './services.js';

const form = z.record(
  z.string().max(128),
  z.union([z.string().max(4096), z.array(z.string().max(4096)).max(50)]),
);
const BASE = '/v1/providers/twilio';

/** Twilio's webhooks. Every answer is TwiML: what is not would be read to the caller aloud. */
export function twilioRoutes(app: App, { calls, settings, twilio, twilioTokens, publicUrl }: Services): void {
  const one = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);

  /**
   * The secrets that may have signed this, each with what it may speak of: that of the site that owns the number called,
   * else everybody's. A number that is not ours any more, or not yet, still rings here, so then the sites of the account
   * that it came from count too; their caller is told, instead of hearing an application error.
   */
  async function signersOf(params: TwilioParams): Promise<{ tokens: string[]; siteId: string | null }[]> {
    const number = twilio.calledNumber(params);
    const owned = number === null ? null : await settings.numberForCall(number);
    const everybody = { tokens: twilioTokens, siteId: null };
    const account = one(params.AccountSid as string | string[] | undefined);
    if (!owned) {
      const sites = account ? settings.twilioTokens(account) : [];
      return [everybody, ...sites.map(({ token, siteId }) => ({ tokens: [token], siteId }))];
    }
    const own = owned.site.providers.twilio;
    if (!own) return [everybody];
    const isOther = own.account_sid !== undefined && own.account_sid !== account;
    return isOther ? [] : [{ tokens: [own.auth_token], siteId: owned.site.id }];
  }

  for (const path of ['voice', 'status', 'dial'] as const) {
    app.post(
      `${BASE}/${path}`,
      {
        schema: {
          tags: ['provider'],
          summary: SUMMARIES[path],
          consumes: ['application/x-www-form-urlencoded'],
          body: form,
          produces: [twilio.contentType],
          response: {
            200: z.string().describe('TwiML'),
            400: problem,
            403: problemOf('bad_signature'),
            409: problemOf('call_mismatch'),
          },
        },
      },
      async (request, reply) => {
        const params = request.body;
        const url = `${publicUrl ?? `${request.protocol}://${request.host}`}${request.raw.url}`;
        const signature = one(request.headers['x-twilio-signature']);
        const rawBody = request.rawBody ?? undefined;
        const signer = (await signersOf(params)).find(({ tokens }) =>
          twilio.verify({ tokens, signature, url, params, rawBody }),
        );
        if (!signer) throw new Problem('bad_signature', 'X-Twilio-Signature does not fit this request.');
        const answer = await answers[path](params, signer.siteId, url);
        return reply
          .header('content-type', twilio.contentType)
          .serializer((text: string) => text)
          .send(answer);
      },
    );
  }

  const answers = {
    async voice(params: TwilioParams, siteId: string | null, url: string): Promise<string> {
      const event = twilio.parseVoice(params);
      if (!event) return twilio.notInService();
      try {
        const { route } = await receiveStart(calls, { provider: 'twilio', event, body: params, siteId });
        return twilio.dial({
          destination: route.destination,
          action: url.replace(/\/voice(\?.*)?$/, '/dial'),
        });
      } catch (error) {
        if (error instanceof Problem && error.code === 'unknown_number') return twilio.notInService();
        throw error;
      }
    },
    async status(params: TwilioParams, siteId: string | null): Promise<string> {
      const event = twilio.parseStatus(params);
      if (event) await receiveLater(calls, { provider: 'twilio', event, body: params, siteId });
      return twilio.empty();
    },
    async dial(params: TwilioParams, siteId: string | null): Promise<string> {
      const event = twilio.parseDial(params);
      if (event) await receiveLater(calls, { provider: 'twilio', event, body: params, siteId });
      return twilio.empty();
    },
  };
}

const SUMMARIES = {
  voice: "Twilio: a call came in (the number's Voice URL)",
  status: "Twilio: how the call ended (the number's status callback)",
  dial: 'Twilio: how the leg to the destination ended',
};
