import { createElement as h } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { Page } from './react.js';

/** React owns the page from `<html>` on, as in Next's app router. */
const tree = (target: string) =>
  h(
    'html',
    { lang: 'en' },
    h('head', null, h('title', null, 'Plumber')),
    h('body', null, h(Page, { target })),
  );

export async function render(target: string): Promise<string> {
  const { renderToString } = await import('react-dom/server');
  return renderToString(tree(target));
}

export function hydrate(root: Document, target: string): void {
  hydrateRoot(root, tree(target));
}
