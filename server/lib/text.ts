/// <reference lib="es2024.string" />

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this file is about
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]+/g;
const BREAKS = /\r\n|[\t\n\v\f\r]/g;

/**
 * A text from outside as it may be stored: no control characters (Postgres refuses NUL), no half of a surrogate pair
 * (jsonb refuses it), no blanks around it, at most `maxLength` UTF-16 units.
 */
export function cleanText(text: string, maxLength: number): string {
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
