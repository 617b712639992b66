import { parseCaller, parseE164 } from '../../lib/phone.js';
import { cleanText } from '../../lib/text.js';
import type { CallerDetails, CallOutcome, DialEvent, EndEvent, StartEvent } from '../call-event.js';
import type { TwilioParams } from './signature.js';

/** How a leg's last status reads in our words. `completed` is missing: what it means depends on the leg. */
const OUTCOMES = new Map<string, CallOutcome>([
  ['no-answer', 'missed'],
  ['canceled', 'missed'],
  ['busy', 'busy'],
  ['failed', 'failed'],
]);

/**
 * The request to a number's voice URL: a call comes in. null when it names no call or no phone number of ours.
 * https://www.twilio.com/docs/voice/twiml#request-parameters
 */
export function parseVoice(form: TwilioParams): StartEvent | null {
  const call_id = text(form, 'CallSid', 64);
  const to = parseE164(first(form, 'To'));
  if (!call_id || !to) return null;
  return {
    type: 'start',
    call_id,
    to,
    from: parseCaller(first(form, 'From')),
    started_at: null,
    caller: callerOf(form),
  };
}

/**
 * The request to a number's status callback. null where there is nothing to record: a call that goes on, or a leg that
 * we dialled ourselves (its end comes to `/dial`). `completed` on the caller's leg does not say that somebody answered.
 * https://www.twilio.com/docs/voice/api/call-resource#statuscallback
 */
export function parseStatus(form: TwilioParams): EndEvent | null {
  const call_id = text(form, 'CallSid', 64);
  const status = first(form, 'CallStatus') ?? '';
  const isDialled = Boolean(first(form, 'ParentCallSid')) || /^outbound/.test(first(form, 'Direction') ?? '');
  if (!call_id || isDialled) return null;
  if (status !== 'completed' && !OUTCOMES.has(status)) return null;
  return {
    type: 'end',
    call_id,
    to: parseE164(first(form, 'To')),
    from: parseCaller(first(form, 'From')),
    status: OUTCOMES.get(status) ?? null,
    // `Duration`, its neighbour, counts the minutes that are billed.
    duration: seconds(form, 'CallDuration'),
    talk_time: null,
    ended_at: time(form, 'Timestamp'),
    recording_url: link(form, 'RecordingUrl'),
    keypad: text(form, 'Digits', 64) || null,
  };
}

/**
 * The request to `<Dial action>`: how the leg to the destination ended.
 * https://www.twilio.com/docs/voice/twiml/dial#action
 */
export function parseDial(form: TwilioParams): DialEvent | null {
  const call_id = text(form, 'CallSid', 64);
  if (!call_id) return null;
  const status = dialOutcome(form);
  return {
    type: 'dial',
    call_id,
    status,
    talk_time: status === 'answered' ? seconds(form, 'DialCallDuration') : null,
    recording_url: link(form, 'RecordingUrl'),
  };
}

function dialOutcome(form: TwilioParams): CallOutcome | null {
  const status = first(form, 'DialCallStatus') ?? '';
  if (status !== 'completed' && status !== 'answered') return OUTCOMES.get(status) ?? null;
  // Picked up, but never put through to the caller, who had hung up or whom a screening refused.
  return first(form, 'DialBridged') === 'false' ? 'missed' : 'answered';
}

function callerOf(form: TwilioParams): CallerDetails {
  const details: Record<keyof CallerDetails, string> = {
    name: text(form, 'CallerName', 128),
    city: text(form, 'FromCity', 128),
    state: text(form, 'FromState', 64),
    country: text(form, 'FromCountry', 64),
  };
  return Object.fromEntries(Object.entries(details).filter(([, value]) => value !== ''));
}

/** A parameter's value; the first where it is repeated. */
function first(form: TwilioParams, name: string): string | undefined {
  const value = Object.hasOwn(form, name) ? form[name] : undefined;
  const [one] = [value ?? []].flat();
  return typeof one === 'string' ? one : undefined;
}

function text(form: TwilioParams, name: string, maxLength: number): string {
  return cleanText(first(form, name) ?? '', maxLength);
}

/** Whole seconds; a number that no call can last is none. */
function seconds(form: TwilioParams, name: string): number | null {
  const value = first(form, name) ?? '';
  return /^\d{1,7}$/.test(value) ? Number(value) : null;
}

const RFC_2822 = /^[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} (?:[+-]\d{4}|GMT)$/;

/** `Mon, 16 Aug 2010 03:45:01 +0000` → ISO 8601. */
function time(form: TwilioParams, name: string): string | null {
  const value = first(form, name) ?? '';
  const date = new Date(RFC_2822.test(value) ? value : Number.NaN);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

function link(form: TwilioParams, name: string): string | null {
  const url = text(form, name, 2_048);
  return /^https?:\/\//i.test(url) && URL.canParse(url) ? url : null;
}
