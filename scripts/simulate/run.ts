import type { VisitEvent, WorkloadEvent } from './workload.js';
import type { Named, World } from './world.js';

const RENEW_EVERY = 60;
const DAY = 86_400;

/** One call: whose it was, and whose it was said to be. `named` null: it came to the page's own number. */
export interface Outcome {
  truth: string;
  named: Named | null;
}

export interface Outcomes {
  visits: number;
  blocked: number;
  calls: Outcome[];
}

/** What the pages do by themselves while they are seen, and the days at which the service learns. */
function* signsOf({ t, until }: VisitEvent): Generator<number> {
  for (let at = t + RENEW_EVERY; at < until; at += RENEW_EVERY) yield at;
}

interface Sign {
  t: number;
  visitor: string;
  leaves: boolean;
}

/** Signs by time: a heap would do, but visits are short, so a list that is nearly sorted is quick. */
function insert(signs: Sign[], sign: Sign): void {
  let at = signs.length;
  while (at > 0 && (signs[at - 1] as Sign).t < sign.t) at -= 1;
  signs.splice(at, 0, sign);
}

/** Lets the workload happen in the world, in the order of time. */
export async function run(
  workload: WorkloadEvent[],
  world: World,
  onEvent: (done: number) => void = () => {},
): Promise<Outcomes> {
  const outcomes: Outcomes = { visits: 0, blocked: 0, calls: [] };
  /** What each visitor was last shown; null: the page's own number. */
  const shown = new Map<string, string | null>();
  /** Latest first. */
  const signs: Sign[] = [];
  let learnAt = DAY;

  async function passTo(t: number): Promise<void> {
    for (let sign = signs.at(-1); sign && sign.t <= t; sign = signs.at(-1)) {
      signs.pop();
      if (sign.leaves) await world.leave(sign.visitor, sign.t);
      else await world.renew(sign.visitor, sign.t);
    }
    for (; learnAt <= t; learnAt += DAY) await world.learn(learnAt);
  }

  for (const [at, event] of workload.entries()) {
    await passTo(event.t);
    const { visitor, t } = event;
    const number = shown.get(visitor) ?? null;
    if (event.type === 'visit') {
      const given = await world.view(event);
      outcomes.visits += 1;
      outcomes.blocked += given === null ? 1 : 0;
      shown.set(visitor, given);
      if (given !== null) {
        for (const at of signsOf(event)) insert(signs, { t: at, visitor, leaves: false });
        insert(signs, { t: event.until, visitor, leaves: true });
      }
    } else if (event.type === 'tap') {
      if (number !== null) await world.tap(visitor, number, t);
    } else {
      const named = number === null ? null : await world.call({ number, from: event.from ?? null, t });
      outcomes.calls.push({ truth: visitor, named });
    }
    onEvent(at + 1);
  }
  return outcomes;
}
