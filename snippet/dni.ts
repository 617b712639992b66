import type { State, Swapped } from './api.js';
import { config } from './config.js';
import { view } from './life.js';
import { more } from './load-more.js';
import { page } from './page.js';

/** The targets on the page. */
export const found: string[] = [];

export const get = (target: string): Swapped | undefined => dni.swaps.find((swap) => swap.target == target);
export const dni = {
  landing: page,
  swaps: [],
  // Nothing.
  pattern: '(?!)',
  ...config,
  push: (run) => run(dni),
  // What they are told tells these apart.
  on: more,
  lead: more,
  consent: more,
  get,
  refresh: () => view(),
} as State;
