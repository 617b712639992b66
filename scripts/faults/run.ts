import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault.js';
import { emptyLedger, type Ledger } from './ledger.js';
import { browse, type World } from './page.js';
import { givenAway, movedOn } from './promises.js';
import { provide } from './provider.js';
import { secondsToRecover } from './recovery.js';
import { openShop } from './shop.js';
import { openStage, type Stage, until } from './stage.js';
import { readLostCalls, readStored } from './verify.js';

/** How much load there is, and for how long. */
export interface LoadOptions {
  browsers: number;
  /** How many times longer than pages, providers and callers do everybody waits: for a machine that is busy with others. */
  patience: number;
  /** Milliseconds before something breaks: numbers have changed hands by then. */
  before: number;
  /** Milliseconds after it is mended: longer than a promise and the wait for renewals on their way. */
  after: number;
}

/** What a fault came to. */
export interface Outcome {
  requests: number;
  acknowledged: number;
  /** Acknowledged and not stored, by kind. */
  lost: Record<string, number>;
  overlaps: number;
  /** Promised numbers shown to somebody else, or to the same visitor no more. */
  givenAway: number;
  movedOn: number;
  /** Numbers shown without a lease in the database. */
  withoutLease: number;
  calls: number;
  routed: number;
  lostCalls: number;
  /** Milliseconds from a call's first attempt to its route: the 99th of 100 and the slowest. */
  routeP99: number;
  routeMax: number;
  /** null: not recovered when the load ended. */
  recovered: number | null;
  wrong: string[];
  /** Servers that ended by themselves. */
  ended: number;
}

type Postgres = Parameters<typeof openStage>[1];

/** Does it to real servers under load, and compares what the outside was told with what is there. */
export async function runFault(
  fault: Fault,
  {
    folder: parent,
    postgres,
    browsers,
    patience,
    before,
    after,
  }: LoadOptions & { folder: string; postgres: Postgres },
): Promise<Outcome> {
  const folder = join(parent, fault.name);
  mkdirSync(folder, { mode: 0o711 });
  const { undo, ...options } = (await fault.prepare?.(folder)) ?? {};
  try {
    const stage = await openStage(folder, postgres, options);
    const shop = await openShop(stage.servers[0]?.url as string);
    let isOver = false;
    const world: World = {
      shop,
      ledger: emptyLedger(),
      urls: stage.servers.map(({ url }) => url),
      patience,
      isOver: () => isOver,
    };
    // The other server hears of the shop by a notification.
    await until(() => knowsShop(world), 'the shop on every server');
    const load = [provide(world), ...Array.from({ length: browsers }, () => browse(world))];
    await sleep(before);
    const since = await fault.run(stage).catch(async (error: Error) => {
      world.ledger.wrong.push(error.message);
      await stage.mend();
      return performance.now();
    });
    await sleep(after);
    isOver = true;
    await Promise.all(load);
    const outcome = await judge(stage, world, since);
    await stage.close();
    return outcome;
  } finally {
    undo?.();
  }
}

async function knowsShop({ urls, shop }: World): Promise<boolean> {
  const answers = await Promise.all(urls.map((url) => fetch(`${url}/dni/${shop.key}.js`)));
  await Promise.all(answers.map((answer) => answer.text()));
  return answers.every((answer) => answer.ok);
}

async function judge(stage: Stage, { ledger, shop, urls }: World, since: number): Promise<Outcome> {
  const alive = stage.servers.filter((server) => server.isUp());
  const lostCalls = alive[0]
    ? await readLostCalls(alive[0].url, shop.siteId, ledger.calls)
    : ledger.calls.filter(({ started }) => started);
  const stored = await readStored(stage.database, ledger);
  return {
    requests: ledger.requests,
    acknowledged: ledger.acknowledged,
    ...stored,
    givenAway: givenAway(ledger.shown, ledger.gaveUp).length,
    movedOn: movedOn(ledger.shown, ledger.gaveUp).length,
    calls: ledger.calls.length,
    lostCalls: lostCalls.length,
    ...routes(ledger),
    recovered: secondsToRecover(ledger.asked, since, urls.length),
    wrong: ledger.wrong,
    ended: urls.length - alive.length,
  };
}

function routes({ calls }: Ledger): Pick<Outcome, 'routed' | 'routeP99' | 'routeMax'> {
  const times = calls
    .map(({ routedAfter }) => routedAfter)
    .filter((ms) => ms !== null)
    .sort((a, b) => a - b);
  return {
    routed: times.length,
    routeP99: times[Math.ceil(times.length * 0.99) - 1] ?? Number.NaN,
    routeMax: times.at(-1) ?? Number.NaN,
  };
}

/** What must not have happened, in words. Empty: the service withstood it. */
export function complaints(outcome: Outcome): string[] {
  const { lost, recovered, wrong } = outcome;
  const not = (count: number, what: string) => (count > 0 ? [`${count} ${what}`] : []);
  return [
    ...Object.entries(lost).map(([kind, count]) => `${count} acknowledged ${kind} lost`),
    ...not(outcome.overlaps, 'overlapping leases'),
    ...not(outcome.givenAway, 'promised numbers given to somebody else'),
    ...not(outcome.movedOn, 'visitors given another number within their promise'),
    ...not(outcome.withoutLease, 'numbers shown without a lease'),
    ...not(outcome.lostCalls, 'calls lost'),
    ...not(outcome.calls - outcome.routed, 'callers not routed'),
    ...(recovered === null ? ['not recovered'] : []),
    ...(wrong.length > 0 ? [`${wrong.length} wrong answers, the first: ${wrong[0]}`] : []),
    ...not(outcome.ended, 'servers ended by themselves'),
    // A run without these would have shown nothing.
    ...(outcome.acknowledged === 0 || outcome.calls === 0 ? ['nothing happened'] : []),
  ];
}
