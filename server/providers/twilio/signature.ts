import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { parse, stringify } from 'node:querystring';

/** Form parameters as received, all of them: Twilio adds new ones without notice. */
export type TwilioParams = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface TwilioRequest {
  /** The account's auth tokens; several while one is being rotated. None: nothing is accepted. */
  tokens: readonly string[];
  /** The header `X-Twilio-Signature`. */
  signature: string | undefined;
  /** The URL as Twilio was told it, from our own public address and the raw path and query. */
  url: string;
  /** The form of a POST; empty for a GET and for a JSON body. */
  params: TwilioParams;
  /** The body's bytes, for JSON bodies. */
  rawBody?: string | Uint8Array;
}

/**
 * The signature of one URL and its form parameters: base64 of HMAC-SHA1 over the URL followed by each name and value,
 * names sorted by code units. A repeated name counts once per different value, those sorted too.
 * https://www.twilio.com/docs/usage/security#validating-requests
 */
export function twilioSignature(token: string, url: string, params: TwilioParams): string {
  const hmac = createHmac('sha1', token).update(url, 'utf8');
  // The default sort compares UTF-16 code units; localeCompare would not.
  for (const name of Object.keys(params).sort()) {
    const values = new Set([params[name] ?? []].flat());
    for (const value of [...values].sort()) hmac.update(name + value, 'utf8');
  }
  return hmac.digest('base64');
}

/** Whether Twilio sent the request. Never throws. */
export function verifyTwilio({ tokens, signature, url, params, rawBody }: TwilioRequest): boolean {
  if (!signature) return false;
  // Connection overrides stand in the fragment, which is neither sent nor signed.
  const address = url.replace(/#.*$/s, '');
  const bodyHash = URL.canParse(address) ? new URL(address).searchParams.get('bodySHA256') : null;
  // With a hash in the URL the signature covers the body by it, and no form; then the form must have come in that body.
  if (bodyHash !== null && rawBody === undefined && Object.keys(params).length > 0) return false;
  const signed = bodyHash === null ? params : {};
  const fits = tokens
    .filter((token) => token !== '')
    .some((token) =>
      urlVariants(address).some((variant) => same(twilioSignature(token, variant, signed), signature)),
    );
  return fits && (bodyHash === null || same(sha256(rawBody), bodyHash));
}

/**
 * The forms of one URL that Twilio is known to sign, the set that its Node library accepts in version 6.2.0: with and
 * without port, as received or normalised by the WHATWG parser, and the latter with the query encoded the older way.
 */
function urlVariants(url: string): string[] {
  const forms = [withoutPort(url), withPort(url)];
  if (URL.canParse(url)) {
    const normal = new URL(url).toString();
    const both = [withoutPort(normal), withPort(normal)];
    forms.push(...both, ...both.map(withLegacyQuery));
  }
  return [...new Set(forms)];
}

/** scheme, user, host (IPv6 in brackets), port, rest. */
const PARTS = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*@)?(\[[^\]]*\]|[^/?#:]*)(:\d*)?(.*)$/is;

function withoutPort(url: string): string {
  return url.replace(PARTS, '$1$2$3$5');
}

function withPort(url: string): string {
  const hasPort = Boolean(PARTS.exec(url)?.[4]);
  const standard = /^https:/i.test(url) ? ':443' : ':80';
  return hasPort ? url : url.replace(PARTS, `$1$2$3${standard}$5`);
}

function withLegacyQuery(url: string): string {
  const start = url.indexOf('?') + 1;
  return start === 0 || start === url.length ? url : url.slice(0, start) + stringify(parse(url.slice(start)));
}

/** A missing body counts as an empty JSON object, as in Twilio's library. */
function sha256(body: string | Uint8Array | undefined): string {
  return createHash('sha256')
    .update(body?.length ? body : '{}')
    .digest('hex');
}

function same(ours: string, theirs: string): boolean {
  const a = Buffer.from(ours);
  const b = Buffer.from(theirs);
  return a.length === b.length && timingSafeEqual(a, b);
}
