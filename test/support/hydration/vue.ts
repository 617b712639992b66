import { createSSRApp, defineComponent, h, onMounted, ref, shallowRef } from 'vue';
import { BRACKETED, DOTTED, hydrated, partsOf, written } from './number.js';

const Page = defineComponent({
  props: { target: { type: String, required: true } },
  setup({ target }) {
    const count = ref(0);
    const style = shallowRef(BRACKETED);
    const open = ref(true);
    onMounted(hydrated);
    return () =>
      h('main', [
        h('p', { id: 'text' }, `Call ${written(target, style.value)}, day and night`),
        h('p', { id: 'split' }, ['Or ', ...partsOf(target, style.value)]),
        h('a', { id: 'link', href: `tel:${target}` }, written(target, style.value)),
        open.value ? h('p', { id: 'part' }, `Emergencies: ${written(target, style.value)}`) : null,
        h('button', { id: 'count', onClick: () => count.value++ }, count.value),
        h('button', { id: 'rewrite', onClick: () => (style.value = DOTTED) }, 'Rewrite'),
        h('button', { id: 'toggle', onClick: () => (open.value = !open.value) }, 'Toggle'),
      ]);
  },
});

export async function render(target: string): Promise<string> {
  const { renderToString } = await import('vue/server-renderer');
  return renderToString(createSSRApp(Page, { target }));
}

export function hydrate(root: Element, target: string): void {
  createSSRApp(Page, { target }).mount(root);
}
