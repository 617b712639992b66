import { tick, view } from './life.js';
import { recall } from './store.js';

/** Whether visitors may be told from each other; undefined: not decided yet, and nothing is asked. */
export let isFull: boolean | undefined;

/** Begins, or begins anew. Global Privacy Control is a no. */
export const begin = (isGiven: boolean): void => {
  isFull = isGiven && !(navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl;
  recall();
  // While the page is parsed it is not known yet what it shows.
  document.readyState < 'l' ? view() : tick();
};
