import { quiet } from './quiet.js';

/** Calls `turned` when the page's path has changed without a new page being loaded. */
export function onNavigation(turned: () => void): void {
  let path = location.pathname;
  const look = quiet(() => {
    if (path !== location.pathname) {
      path = location.pathname;
      turned();
    }
  });
  for (const name of ['pushState', 'replaceState'] as const) {
    const original = history[name];
    history[name] = (...args) => {
      original.apply(history, args);
      look();
    };
  }
  addEventListener('popstate', look);
}
