import { parseE164 } from '../../lib/phone.js';
import { parseDial, parseStatus, parseVoice } from './events.js';
import { type TwilioParams, verifyTwilio } from './signature.js';
import { dialTwiml, emptyTwiml, notInServiceTwiml, TWIML_TYPE } from './twiml.js';

export type { TwilioParams };

/** Everything that Twilio's routes need of its dialect. */
export const twilio = {
  verify: verifyTwilio,
  parseVoice,
  parseStatus,
  parseDial,
  dial: dialTwiml,
  notInService: notInServiceTwiml,
  empty: emptyTwiml,
  contentType: TWIML_TYPE,
  /** The number of ours that a request is about, or null. */
  calledNumber: (params: TwilioParams): string | null => parseE164([params.To].flat()[0]),
};

export type Twilio = typeof twilio;
