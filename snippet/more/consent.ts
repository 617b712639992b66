import type { Core } from './core.js';
import { isDebugged } from './debug.js';

const MONTHS_13 = 34_128_000;

/** Keeps the visitor's id for the other hosts of the site too, or forgets it. */
function shareVisitor(domain: string | undefined, visitor: string | null | undefined): void {
  if (!domain) return;
  // biome-ignore lint/suspicious/noDocumentCookie: Safari has had the Cookie Store API since 18.4 only
  document.cookie = `dni=${visitor ?? ''};domain=${domain};path=/;max-age=${visitor ? MONTHS_13 : 0};samesite=lax${location.protocol === 'https:' ? ';secure' : ''}`;
}

/** Begins as the visitor of the site's other hosts, if they have one. */
function beginFull({ dni, begin }: Core): void {
  const shared = dni.domain && /(?:^|; )dni=([\w-]{36})(?:;|$)/.exec(document.cookie)?.[1];
  if (shared) dni.visitor = shared;
  begin(true);
  // Once the service has had its say.
  setTimeout(() => dni.mode !== 'none' && shareVisitor(dni.domain, dni.visitor), 3_000);
}

/** What the visitor decided. Taken back: the service is told to forget them, and the page shows its own numbers. */
export function decide(core: Core, isGiven: boolean): void {
  const { dni, send, begin, show } = core;
  dni.mode = isGiven ? 'full' : 'none';
  if (isGiven) beginFull(core);
  else {
    if (dni.visitor) send('withdraw');
    shareVisitor(dni.domain, null);
    dni.visitor = dni.session = null;
    show([]);
    begin(false);
  }
}

/**
 * What the script's tag says of consent; `wait` asks nothing and keeps nothing, not even what is known, until the visitor decided; `none` tells
 * nobody from anybody. The first file began already if there was nothing to decide.
 */
export function decideFirst(core: Core): void {
  const { mode, domain } = core.dni;
  if (mode ? mode !== 'wait' : domain || isDebugged()) decide(core, mode !== 'none');
}
