import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../../server/lib/ids.js';
import { ask, type Reply } from './ask.js';
import type { CallRecord } from './ledger.js';
import { between, oneOf, type World } from './page.js';
import { ADMIN_KEY } from './shop.js';

/** A provider waits so long for an answer, and asks again so often. */
const GIVE_UP_MS = 5_000;
const START_ATTEMPTS = 3;
/** A caller hears nothing until the call is routed, and has hung up by then. */
const PATIENCE_MS = 10_000;
/** Of how a call ended it goes on telling for longer. */
const END_ATTEMPTS = 8;
/** Milliseconds between two calls. */
const PACE = [150, 350] as const;

/** Asks one server after another until one answers well, or says that the request is wrong. */
async function askSome(world: World, path: string, body: unknown, attempts: number): Promise<Reply> {
  const first = Math.floor(Math.random() * world.urls.length);
  for (let attempt = 0; ; attempt += 1) {
    const url = world.urls[(first + attempt) % world.urls.length];
    const reply = await ask(`${url}${path}`, body, GIVE_UP_MS * world.patience, ADMIN_KEY);
    world.ledger.requests += 1;
    if (reply.status === 200) world.ledger.acknowledged += 1;
    const isRefused = reply.status >= 400 && reply.status < 500;
    if (isRefused) world.ledger.wrong.push(`${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
    if (reply.status === 200 || isRefused || attempt + 1 === attempts) return reply;
    await sleep(Math.min(200 * 2 ** attempt, 2_000));
  }
}

/** A number to call: mostly one that a page shows now, sometimes a flyer's or one that was retired. */
function chooseNumber({ shop, ledger }: World): string {
  const dice = Math.random();
  if (dice < 0.1) return shop.sourceNumber;
  if (dice < 0.2) return shop.retired;
  return ledger.shown.at(-1)?.number ?? oneOf(shop.pool);
}

async function call(world: World): Promise<void> {
  const to = chooseNumber(world);
  const record: CallRecord = { id: newId(), to, routedAfter: null, started: false, ended: false };
  world.ledger.calls.push(record);
  const start = { call_id: record.id, to, from: `+12145550${Math.floor(between(100, 200))}` };
  const began = performance.now();
  const reply = await askSome(world, '/v1/calls/start', start, START_ATTEMPTS);
  if (reply.status === 200) {
    record.started = true;
    const { destination } = reply.body.route;
    const after = reply.answeredAt - began;
    if (destination !== world.shop.destinations.get(to))
      world.ledger.wrong.push(`a call to ${to} was routed to ${destination}`);
    else if (after < PATIENCE_MS * world.patience) record.routedAfter = after;
  }
  await sleep(between(500, 3_000));
  const end = { call_id: record.id, to, status: 'answered', duration: 61 };
  record.ended = (await askSome(world, '/v1/calls/end', end, END_ATTEMPTS)).status === 200;
}

/** Tells of calls, one after another at a steady pace whatever the answers, until it is over and all have ended. */
export async function provide(world: World): Promise<void> {
  const calls: Promise<void>[] = [];
  while (!world.isOver()) {
    calls.push(call(world));
    await sleep(between(...PACE));
  }
  await Promise.all(calls);
}
