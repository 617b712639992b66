import type { Core } from './core.js';

const entered = new WeakSet<HTMLIFrameElement>();

/** Looks into frames of the same origin as well, also when another page is loaded in them. */
export function enterFrames({ roots, look }: Core): void {
  for (const root of [...roots]) {
    for (const frame of root.querySelectorAll('iframe')) {
      if (entered.has(frame)) continue;
      entered.add(frame);
      let inside: Document | null = null;
      const enter = () => {
        if (inside) roots.delete(inside);
        inside = frame.contentDocument;
        // null: of another origin. An editor's page is not touched.
        if (!inside || inside.designMode === 'on') return;
        roots.add(inside);
        look();
      };
      frame.addEventListener('load', enter);
      enter();
    }
  }
}
