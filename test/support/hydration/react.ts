import { createElement as h, useEffect, useState } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { BRACKETED, DOTTED, hydrated, partsOf, written } from './number.js';

interface Props {
  target: string;
}

export function Page({ target }: Props) {
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
    h('button', { type: 'button', id: 'count', onClick: () => setCount(count + 1) }, count),
    h('button', { type: 'button', id: 'rewrite', onClick: () => setStyle(DOTTED) }, 'Rewrite'),
    h('button', { type: 'button', id: 'toggle', onClick: () => setOpen(!open) }, 'Toggle'),
  );
}

export async function render(target: string): Promise<string> {
  const { renderToString } = await import('react-dom/server');
  return renderToString(h(Page, { target }));
}

export function hydrate(root: Element, target: string): void {
  hydrateRoot(root, h(Page, { target }));
}
