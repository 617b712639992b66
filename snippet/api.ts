import type { EventStatus } from '../shared/events.js';

/** What to show in place of a target: the target itself where the page's own number counts. */
export interface Shown {
  target: string;
  number: string;
  display: string;
}

/** `window.dni`. */
export interface Dni {
  /** Of this script. */
  version: string;
  /** What the last answer said. Before it `waiting`, or `cached` if the page before left numbers; `error` if there was none. */
  status: EventStatus | 'waiting' | 'cached' | 'error';
  /** What is shown in place of a target; nothing if that is the page's own number. */
  get: (target: string) => Shown | undefined;
  /** Calls back with what to show for each target, now and whenever that changes. */
  on: (listener: (shown: Shown) => void) => void;
}

declare global {
  interface Window {
    dni?: Dni;
  }
}
