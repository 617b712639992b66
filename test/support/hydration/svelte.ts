import { hydrate as hydrateRoot } from 'svelte';
import Page from './Page.svelte';

export async function render(target: string): Promise<string> {
  const { render } = await import('svelte/server');
  return render(Page, { props: { target } }).body;
}

export function hydrate(root: Element, target: string): void {
  hydrateRoot(Page, { target: root, props: { target } });
}
