import type { SnippetConfig } from '../shared/events.js';

/** The argument of the function that the build wraps around the script; absent in the versioned file. */
declare const CONFIG: SnippetConfig | undefined;
/** The version built. */
declare const VERSION: string;

// Some loaders run scripts so that none is current.
const tag = (document.currentScript ??
  document.querySelector('script[src*=dni]')) as HTMLScriptElement | null;

/** What this script is for, out of its configuration or its tag: it counts before what was kept of it. */
export const config = {
  version: VERSION,
  site: tag?.dataset.site,
  origin: tag?.src.split('/dni/')[0],
  /** What the tag says of consent, if anything. */
  mode: tag?.dataset.consent,
  ...CONFIG,
} as { version: string; origin: string; mode?: string } & Partial<SnippetConfig>;
