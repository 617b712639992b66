import fc from 'fast-check';
import { JSDOM } from 'jsdom';
import { describe, expect, it } from 'vitest';
import {
  dialTwiml,
  emptyTwiml,
  notInServiceTwiml,
  TWIML_TYPE,
} from '../../../../server/providers/twilio/twiml.js';

const parser = new new JSDOM('').window.DOMParser();
/** As an XML parser reads it; throws on what is not well-formed. */
const read = (twiml: string) => {
  const document = parser.parseFromString(twiml, 'application/xml');
  const error = document.querySelector('parsererror');
  if (error) throw new Error(error.textContent ?? 'not XML');
  return document.documentElement;
};

const action = 'https://calls.example/v1/providers/twilio/dial?a=1&b="2"';

describe('dialling', () => {
  const twiml = dialTwiml({ destination: '+12025550199', action });

  it('rings the destination and reports how that ended', () => {
    const dial = read(twiml).querySelector('Response > Dial');
    expect(dial?.getAttribute('answerOnBridge')).toBe('true');
    expect(dial?.getAttribute('timeout')).toBe('30');
    expect(dial?.getAttribute('action')).toBe(action);
    expect(dial?.getAttribute('method')).toBe('POST');
    expect(dial?.querySelector('Number')?.textContent).toBe('+12025550199');
  });

  it('leaves the caller id to Twilio', () => {
    expect(read(twiml).querySelector('[callerId]')).toBeNull();
  });

  it('rings as long as it is told', () => {
    expect(dialTwiml({ destination: '+12025550199', action, timeout: 20 })).toContain(' timeout="20" ');
  });

  it('begins with the declaration and nothing before it', () => {
    expect(twiml).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>/);
  });

  it('is well-formed, whatever the values', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (destination, url) => {
        expect(read(dialTwiml({ destination, action: url })).querySelectorAll('*')).toHaveLength(2);
      }),
    );
  });
});

it('says so and hangs up when the number is not ours', () => {
  const [say, hangup, ...rest] = read(notInServiceTwiml()).children;
  expect(say?.tagName).toBe('Say');
  expect(say?.textContent).toMatch(/not in service/);
  expect(hangup?.tagName).toBe('Hangup');
  expect(rest).toEqual([]);
});

it('says nothing when there is nothing more to do', () => {
  expect(read(emptyTwiml()).tagName).toBe('Response');
  expect(read(emptyTwiml()).childNodes).toHaveLength(0);
});

it('is sent as XML', () => expect(TWIML_TYPE).toBe('text/xml'));
