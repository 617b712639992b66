import { config } from './config.js';
import { isFull } from './consent.js';
import { dni } from './dni.js';

/** Under which this browser keeps what it remembers of the visitor between pages. */
export const key = 'dni.' + config.site;

/** Takes up what was kept, by another tab too. Storage may be absent or denied, and what is in it junk. */
export const recall = (): void => {
  try {
    if (isFull) Object.assign(dni, JSON.parse(localStorage[key]), config);
  } catch {}
};

/**
 * Keeps it, or removes it where nothing may be kept. The cookies by which other tools know the visitor; nothing if nothing can be kept: storage may
 * be full.
 */
export const remember = (): string[] | undefined => {
  try {
    if (isFull) {
      localStorage[key] = JSON.stringify(dni);
      return document.cookie.match(/_(ga|ym)[^;]+/g) ?? [];
    }
    delete localStorage[key];
  } catch {}
  return undefined;
};
