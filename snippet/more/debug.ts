import type { Core } from './core.js';
import { printed } from './printed.js';

/** Why a text that has a number is left alone. */
function reasonFor(node: Node): string | null {
  const parent = node.parentElement;
  if (parent?.closest('[data-dni=off]')) return 'in data-dni="off"';
  if (parent?.closest('[contenteditable],.CodeMirror,.ace_editor,.monaco-editor')) return 'in an editor';
  return null;
}

function report({ dni, roots, swapText, original }: Core): string[] {
  const lines = [`dni ${dni.version} · ${dni.status} · consent ${dni.mode ?? 'full'}`];
  for (const target of dni.targets ?? []) {
    const swap = dni.swaps.find((swap) => swap.target === target);
    lines.push(
      swap
        ? `${target} → ${swap.number} (${swap.assignment}), in ${swap.places} places`
        : `${target}: not swapped`,
    );
  }
  if (dni.end && dni.swaps[0]) lines.push(`shown until ${new Date(dni.end).toLocaleTimeString()}`);
  for (const root of roots) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const page = original(node);
      const reason = /\d{3}/.test(page) && reasonFor(node);
      if (reason && swapText(page) !== page) lines.push(`skipped, ${reason}: ${page.trim().slice(0, 60)}`);
    }
  }
  for (const number of printed({ dni, roots, original } as Core)) lines.push(`skipped, no target: ${number}`);
  return lines;
}

/** Whether the page's address asks for it, by `?dni_debug`; by the test of the first file, which waits for this one then. */
export const isDebugged = (): boolean => /dni_d/.test(location.href);

/** What was found, swapped or skipped and why, in a corner of the page. */
export function showDebug(core: Core): void {
  const host = document.createElement('dni-debug');
  host.dataset.dni = 'off';
  const box = host.attachShadow({ mode: 'open' }).appendChild(document.createElement('pre'));
  box.dataset.dni = 'off';
  // Set by script, so that a policy against inline styles does not mind.
  Object.assign(box.style, {
    position: 'fixed',
    right: '8px',
    bottom: '8px',
    zIndex: '2147483647',
    maxWidth: '90vw',
    maxHeight: '50vh',
    margin: '0',
    padding: '8px 12px',
    overflow: 'auto',
    font: '12px/1.5 ui-monospace, monospace',
    whiteSpace: 'pre-wrap',
    color: '#fff',
    background: '#1b1f24',
    borderRadius: '6px',
  });
  document.documentElement.append(host);
  const refresh = () => {
    box.textContent = report(core).join('\n');
  };
  refresh();
  setInterval(refresh, 1_000);
}
