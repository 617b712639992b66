import type { SnippetConfig } from '../shared/events.js';

/** The configuration in a script tag: `data-site`, `data-targets` (E.164, with commas), and the origin it was loaded from. */
export function configOfTag(): SnippetConfig {
  // Some loaders run scripts so that none is current.
  const tag = (document.currentScript ?? document.querySelector('[data-site]')) as HTMLScriptElement;
  const { site = '', targets } = tag.dataset;
  return { site, targets: targets?.match(/\+\d+/g) ?? [], origin: new URL(tag.src).origin };
}
