import type { Core } from './core.js';
import { listen } from './listeners.js';

const LABELS = ['aria-label', 'title', 'alt', 'placeholder'];

/** Swaps numbers in the labels of elements that are marked `data-dni="labels"`, so that nobody hears another number than they read. */
export function labels(core: Core): () => void {
  const { roots, swapText, write, original } = core;
  const swapAll = () => {
    for (const root of roots) {
      for (const element of root.querySelectorAll('[data-dni=labels]')) {
        for (const name of LABELS) {
          const label = element.getAttributeNode(name);
          if (label && !element.closest('[data-dni=off]')) write(label, swapText(original(label)));
        }
      }
    }
  };
  listen(core, swapAll);
  return swapAll;
}
