import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../../server/lib/ids.js';
import type { EventReply, EventRequest, EventType } from '../../shared/events.js';
import { ask, type Reply } from './ask.js';
import type { Ledger } from './ledger.js';
import type { Shop } from './shop.js';

/** As the script on a page does. */
const GIVE_UP_MS = 2_500;

/** What people and their pages see of the world. */
export interface World {
  shop: Shop;
  ledger: Ledger;
  /** The servers' addresses; a load balancer that knows of no fault chooses among them. */
  urls: string[];
  /** How many times longer than usual everybody waits. */
  patience: number;
  isOver: () => boolean;
}

export const between = (min: number, max: number): number => min + Math.random() * (max - min);
export const oneOf = <T>(things: readonly T[]): T => things[Math.floor(Math.random() * things.length)] as T;

/** The number that a page shows, and until when it may. */
interface Held {
  number: string;
  until: number;
}

/**
 * One visit of a page: it views, renews, sometimes taps or sends a form, and in the end leaves or just goes. Returns
 * whether the visitor may come back; who withdrew is somebody new then.
 */
async function visitPage(world: World, visitor: string): Promise<boolean> {
  const { shop, ledger } = world;
  const goes = performance.now() + between(3_000, 12_000);
  const held = (reply: Reply, answer: EventReply): Held | null => {
    const swap = answer.swaps.find(({ target }) => target === shop.target);
    if (!swap?.lease) return null;
    const promisedMs = (swap.expires_in as number) * 1000;
    const { askedAt, answeredAt } = reply;
    const { number, lease } = swap;
    ledger.shown.push({ number, visitor, lease, askedAt, answeredAt, promisedMs });
    return { number, until: askedAt + promisedMs };
  };

  async function send(type: EventType, more: Partial<EventRequest> = {}) {
    const server = Math.floor(Math.random() * world.urls.length);
    const page = {
      id: newId(),
      url: 'https://shop.example/?utm_source=google&utm_medium=cpc',
      referrer: '',
      title: '',
    };
    const event: EventRequest = {
      type,
      site: shop.key,
      visitor,
      page,
      found: [shop.target, shop.printed],
      ...more,
    };
    const reply = await ask(`${world.urls[server]}/v1/events`, event, GIVE_UP_MS * world.patience);
    ledger.requests += 1;
    if (reply.status === 200 || reply.status === 204) ledger.acknowledged += 1;
    else if (reply.status !== 0 && reply.status !== 503)
      ledger.wrong.push(`${type}: ${reply.status} ${JSON.stringify(reply.body)}`);
    return { reply, server, page: page.id, isTaken: reply.status === 200 || reply.status === 204 };
  }

  let shows: Held | null = null;
  function show(reply: Reply): void {
    if (reply.status === 200) shows = held(reply, reply.body);
    if (shows && shows.until <= performance.now()) shows = null;
  }

  async function view(): Promise<void> {
    const { reply, server, page } = await send('view');
    const answer = reply.status === 200 ? (reply.body as EventReply) : null;
    const isLeased = answer?.swaps.some(({ lease }) => lease) ?? false;
    const isShort = answer?.status === 'ok' || answer?.status === 'no_number';
    const { askedAt, answeredAt } = reply;
    const outcome = isLeased ? 'leased' : isShort ? 'short' : 'failed';
    ledger.asked.push({ server, askedAt, answeredAt, outcome });
    if (answer) {
      ledger.views.push(page);
      if (!answer.swaps.some(({ number }) => number === shop.sourceNumber))
        ledger.wrong.push(`view without the source tracker's number: ${JSON.stringify(answer)}`);
    }
    show(reply);
  }

  async function tap(): Promise<void> {
    if (!shows) return;
    const { number, until } = shows;
    const { reply, isTaken } = await send('tap', { number });
    // A tap counts from who holds the number: surely so within the promise.
    if (isTaken && reply.answeredAt < until) ledger.taps.push({ visitor, number });
  }

  async function act(): Promise<void> {
    const dice = Math.random();
    if (dice < 0.65) show((await send('renew')).reply);
    else if (dice < 0.8) await view();
    else if (dice < 0.92) await tap();
    else if (dice < 0.96) {
      const { reply } = await send('code');
      if (reply.status === 200 && reply.body.code) ledger.codes.push({ visitor, code: reply.body.code });
      show(reply);
    } else {
      const email = `${newId()}@shop.example`;
      if ((await send('lead', { lead: { email } })).isTaken) ledger.leads.push(email);
    }
  }

  await view();
  while (performance.now() < goes && !world.isOver()) {
    await sleep(between(700, 2_000));
    // A page that shows its own number asks with a view.
    await (shows ? act() : view());
  }
  const dice = Math.random();
  if (dice < 0.5) await send('leave');
  else if (dice < 0.55) {
    // The promise is given up from the moment that this is asked, whether an answer comes or not.
    ledger.gaveUp.add(visitor);
    if ((await send('withdraw')).isTaken) ledger.withdrawn.push(visitor);
    return false;
  }
  return true;
}

/** Somebody at a browser, until it is over: mostly someone new, sometimes one who was here before. */
export async function browse(world: World): Promise<void> {
  const known = new Set<string>();
  await sleep(between(0, 2_000));
  while (!world.isOver()) {
    const isBack = known.size > 0 && Math.random() < 0.3;
    const visitor = isBack ? oneOf([...known]) : newId();
    if (await visitPage(world, visitor)) known.add(visitor);
    else known.delete(visitor);
    await sleep(between(200, 1_500));
  }
}
