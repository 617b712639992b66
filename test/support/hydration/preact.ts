import { h, hydrate as hydrateRoot } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { BRACKETED, DOTTED, hydrated, partsOf, written } from './number.js';

interface Props {
  target: string;
}

function Page({ target }: Props) {
  const [count, setCount] = useState(0);
  const [style, setStyle] = useState(BRACKETED);
  const [open, setOpen] = useState(true);
  useEffect(hydrated, []);
  return h(
    'main',
    null,
    h('p', { id: 'text' }, `Call ${written(target, style)}, day and night`),
    h('p', { id: 'split' }, 'Or ', ...partsOf(target, style)),
    h('a', { id: 'link', href: `tel:${target}` }, written(target, style)),
    open && h('p', { id: 'part' }, `Emergencies: ${written(target, style)}`),
    h('button', { id: 'count', onClick: () => setCount(count + 1) }, count),
    h('button', { id: 'rewrite', onClick: () => setStyle(DOTTED) }, 'Rewrite'),
    h('button', { id: 'toggle', onClick: () => setOpen(!open) }, 'Toggle'),
  );
}

export async function render(target: string): Promise<string> {
  const { renderToString } = await import('preact-render-to-string');
  return renderToString(h(Page, { target }));
}

export function hydrate(root: Element, target: string): void {
  hydrateRoot(h(Page, { target }), root);
}
