import type { EventRequest, EventStatus, LeadDetails, Swap } from '../shared/events.js';

/** What to show in place of a target: the target itself where the page's own number counts. */
export interface Shown {
  target: string;
  number: string;
  display: string;
}

/** A swap, and in how many places of the page it is shown. */
export type Swapped = Swap & { places: number };

/** `window.dni`. Before the script is there an array may stand in its place, to which the page pushes what it wants done. */
export interface Dni {
  /** Of this script. */
  version: string;
  /**
   * What the last answer said, the page before's included; `error` if there was none. Nothing before the first.
   */
  status?: EventStatus | 'error';
  /** What is shown in place of targets. */
  swaps: Swapped[];
  /** What is shown in place of a target; nothing if that is the page's own number. */
  get: (target: string) => Shown | undefined;
  /** Calls back with what to show for each target on the page, now and whenever that changes. */
  on: (listener: (shown: Shown) => void) => void;
  /** Tells a person who asked to be contacted. */
  lead: (lead: LeadDetails) => unknown;
  /** What the visitor decided. Taken back: they are forgotten here and in the service, and the page shows its own numbers. */
  consent: (isGiven: boolean) => unknown;
  /** Looks at the page anew, and asks anew. */
  refresh: () => unknown;
  /** Calls back with this. */
  push: (run: (dni: Dni) => void) => void;
}

/** What is kept of the visitor, with the API in one object: it is what is stored, and what is sent with each event. */
export interface State extends Dni {
  visitor?: string | null;
  session?: string | null;
  /** Where this visit arrived, until a view was acknowledged. */
  landing?: EventRequest['landing'] | null;
  /** Until then, by `now()`, the numbers may be shown. */
  end?: number;
  /** The page was asked to look for printed numbers. */
  check?: boolean;
  /** What the script's tag said of consent, and then what was decided; absent: nothing, so it is given. */
  mode?: string;
  /** On which the site's hosts share a visitor. */
  domain?: string;
  /** The numbers to look for, and a pattern that has one group for each of them: the digits that are swapped. */
  targets?: string[];
  pattern: string;
  /** What tells cheaply that a text may have one; absent: each may. */
  hint?: string;
}

declare global {
  interface Window {
    dni?: State;
  }
}
