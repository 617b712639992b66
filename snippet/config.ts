import type { SnippetConfig } from '../shared/events.js';

/** The configuration in a script tag: `data-site`, `data-targets` with commas, and the origin it was loaded from. */
export function configOfTag(): SnippetConfig {
  // Some loaders run scripts so that none is current.
  const tag = (document.currentScript ?? document.querySelector('script[data-site]')) as HTMLScriptElement;
  const { site = '', targets } = tag.dataset;
  return { site, targets: targets?.split(',') ?? [], origin: new URL(tag.src).origin };
}
