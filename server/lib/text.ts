/// <reference lib="es2024.string" />

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this file is about
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]+/g;
const BREAKS = /\r\n|[\t\n\v\f\r]/g;

// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const NEEDS_CLEANING = /[\u0000-\u001f\u007f-\u009f\ud800-\udfff]|^\s|\s$/;

/**
 * A text from outside as it may be stored: no control characters (Postgres refuses NUL), no half of a surrogate pair
 * (jsonb refuses it), no blanks around it, at most `maxLength` UTF-16 units.
 */
export function cleanText(text: string, maxLength: number): string {
  // Nearly all are clean as they come, and looking is cheaper than cleaning.
  if (text.length <= maxLength && !NEEDS_CLEANING.test(text)) return text;
  const plain = text.replace(BREAKS, ' ').replace(CONTROLS, '').toWellFormed().trim();
  return cut(plain, maxLength).trimEnd();
}

/** The first `maxLength` UTF-16 units; one less where that would halve a surrogate pair. */
function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const last = text.charCodeAt(maxLength - 1);
  const halvesPair = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, Math.max(0, halvesPair ? maxLength - 1 : maxLength));
}

/**
 * A value from outside as JSON that jsonb takes: what it refuses, NUL and half of a surrogate pair, becomes U+FFFD, in
 * names as in values. For what is kept as it was received and so is not cleaned otherwise.
 */
export function storableJson(value: unknown): string {
  // An escaped backslash is matched so that what follows it is not taken for an escape.
  return JSON.stringify(value).replace(/\\(?:\\|u0000|ud[89a-f][0-9a-f]{2})/g, (found) =>
    found === '\\\\' ? found : '\ufffd',
  );
}
