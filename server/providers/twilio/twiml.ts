/** The media type of every answer. Twilio reads `text/plain` aloud to the caller. */
export const TWIML_TYPE = 'text/xml';

export interface DialOptions {
  /** E.164. */
  destination: string;
  /** URL that is told how the dialled leg ended. */
  action: string;
  /** Seconds for which the destination rings. */
  timeout?: number;
}

/**
 * Rings the destination. The caller hears it ring and pays nothing until it answers (`answerOnBridge`); the destination
 * sees the caller's number, which is what Twilio shows when `callerId` is left out.
 * https://www.twilio.com/docs/voice/twiml/dial
 */
export function dialTwiml({ destination, action, timeout = 30 }: DialOptions): string {
  const attributes = `answerOnBridge="true" timeout="${timeout}" action="${escapeXml(action)}" method="POST"`;
  return response(`<Dial ${attributes}><Number>${escapeXml(destination)}</Number></Dial>`);
}

/** Tells the caller that nobody is behind the number, and hangs up. */
export function notInServiceTwiml(): string {
  return response('<Say>The number you have called is not in service.</Say><Hangup/>');
}

/** Nothing more to do: after `<Dial action>` Twilio then ends the call. */
export function emptyTwiml(): string {
  return response('');
}

function response(verbs: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Response>${verbs}</Response>`;
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text for XML 1.0, in an element or an attribute; characters that XML has no way to write are dropped. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
