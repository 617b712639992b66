import type { Shown } from '../api.js';
import type { Core } from './core.js';

const listeners: (() => void)[] = [];

/** Calls a listener with what to show for each target on the page, now and whenever that changes. Its mistakes are its own. */
export function listen({ dni, found }: Core, listener: (shown: Shown) => void): void {
  const tell = () => {
    for (const target of found) {
      try {
        listener(dni.get(target) ?? { target, number: target, display: target });
      } catch {}
    }
  };
  listeners.push(tell);
  tell();
}

/** Something changed. */
export const tellAll = (): void => {
  for (const tell of listeners) tell();
};
