/** Under this key the script keeps what it knows of a visitor to the demo's site. */
const KEEP = 'dni.demo';

/** The part of `window.dni` that is read here. */
interface Script {
  /** Nothing before the first answer. */
  status?: string;
  /** Until when the numbers are shown; every answer moves it. */
  end?: number;
  get(target: string): { expires_in?: number | null } | undefined;
}

/** The page in the frame at one moment, read off the page itself. */
export interface Look {
  address: string;
  /** The first telephone link, as it is read and as it is dialled. */
  text: string;
  number: string;
  /** What the script says of itself; null: it has not run. */
  status: string | null;
  /** Another one after each answer. */
  told: number | null;
  /** How long the number is promised, in seconds: what is left, and of how much; null: not promised. */
  promise: { left: number; of: number } | null;
  visitor: string | null;
  session: string | null;
}

/** A telephone link's number: `tel:+1-202-555-0100` is +12025550100. */
export const dialled = (link: HTMLAnchorElement): string =>
  decodeURIComponent(link.getAttribute('href') ?? '').replace(/[^\d+]/g, '');

export const telephoneLink = (from: Element | Document): HTMLAnchorElement | null =>
  from.querySelector<HTMLAnchorElement>('a[href^="tel:"]');

function kept(): { visitor: string | null; session: string | null } {
  try {
    const { visitor = null, session = null } = JSON.parse(localStorage.getItem(KEEP) ?? '{}');
    return { visitor, session };
  } catch {
    return { visitor: null, session: null };
  }
}

function promiseOf(script: Script | undefined, target: string): Look['promise'] {
  const swap = script?.get(target);
  if (!swap?.expires_in || !script?.end) return null;
  return { left: Math.max(0, (script.end - Date.now()) / 1000), of: swap.expires_in };
}

/** Looks at the page; null while it is loading. */
export function look(frame: HTMLIFrameElement, target: string): Look | null {
  const page = frame.contentDocument;
  const link = page && telephoneLink(page);
  if (!page || !link) return null;
  const script = (page.defaultView as unknown as { dni?: Script } | null)?.dni;
  return {
    address: `${page.location.host}${page.location.pathname}${page.location.search}`,
    text: link.textContent.trim(),
    number: dialled(link),
    status: script ? (script.status ?? 'waiting') : null,
    told: script?.end ?? null,
    promise: promiseOf(script, target),
    ...kept(),
  };
}

/** Forgets this visitor and lets another one arrive in the same way. */
export async function newVisitor(frame: HTMLIFrameElement): Promise<void> {
  const { src } = frame;
  // The page must be gone first: leaving it, the script may write once more.
  await load(frame, 'about:blank');
  for (const name of Object.keys(localStorage)) if (name.startsWith('dni')) localStorage.removeItem(name);
  await load(frame, src);
}

function load(frame: HTMLIFrameElement, address: string): Promise<void> {
  return new Promise((resolve) => {
    frame.addEventListener('load', () => resolve(), { once: true });
    // Not by src, which would add a step to the way back.
    frame.contentWindow?.location.replace(address);
  });
}
