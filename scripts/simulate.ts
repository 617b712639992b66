// `npm run simulate -- --numbers 20 --reservation 1800 --min-reservation 300`: how many calls the service credits rightly,
// wrongly and not at all, and whether its confidence means what it says. It runs the product's own leasing and decision
// (on REDIS_URL or DATABASE_URL, or embedded) on a virtual clock; only visitors and callers are made up, or read from
// --workload FILE.jsonl (one event a line: docs/attribution.md).
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { DELAYS, makeWorkload } from './simulate/make-workload.js';
import { createProduct } from './simulate/product.js';
import { createRule } from './simulate/rule.js';
import { run } from './simulate/run.js';
import { calibrationError, type Score, score } from './simulate/score.js';
import { readWorkload } from './simulate/workload.js';

const USAGE = `npm run simulate -- --numbers N --reservation S --min-reservation S
  [--workload FILE.jsonl]             what visitors and callers do; without it that is made up:
  [--days 14] [--visits 60] [--callers 0.05] [--delays ${Object.keys(DELAYS).join('|')}] [--seed 1]
  [--policy product|lru|random]       how numbers are given away (lru, random: in memory, to compare with)
  [--join product|last]               who is said to have called: the product's decision, or the last holder
  [--json]`;

const seconds = z.coerce
  .number()
  .int()
  .min(1)
  .max(30 * 86_400);
const settingsSchema = z
  .object({
    workload: z.string().optional(),
    numbers: z.coerce.number().int().min(1).max(100_000),
    reservation: seconds,
    'min-reservation': seconds,
    policy: z.enum(['product', 'lru', 'random']).default('product'),
    join: z.enum(['product', 'last']).default('product'),
    seed: z.coerce.number().int().default(1),
    days: z.coerce.number().positive().max(365).default(14),
    visits: z.coerce.number().positive().max(100_000).default(60),
    callers: z.coerce.number().min(0).max(1).default(0.05),
    delays: z.enum(Object.keys(DELAYS) as [keyof typeof DELAYS]).default('mixed'),
    json: z.boolean().default(false),
  })
  .refine((given) => given['min-reservation'] <= given.reservation, {
    message: 'the minimum is longer than the reservation',
    path: ['min-reservation'],
  });

function readSettings() {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      options: {
        workload: text,
        numbers: text,
        reservation: text,
        'min-reservation': text,
        policy: text,
        join: text,
        seed: text,
        days: text,
        visits: text,
        callers: text,
        delays: text,
        json: { type: 'boolean' },
      },
    });
    return settingsSchema.parse(values);
  } catch (error) {
    console.error(error instanceof z.ZodError ? z.prettifyError(error) : String(error));
    console.error(USAGE);
    process.exit(2);
  }
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`.padStart(7);

function print(result: Score): void {
  const { visits, blocked, calls, right, wrong, unknown, thresholds } = result;
  console.log(`${visits} visits, ${percent(blocked).trim()} of them with no number free; ${calls} calls`);
  console.log(`credited   rightly  wrongly   to nobody`);
  console.log(`at all    ${percent(right)}  ${percent(wrong)}  ${percent(unknown)}`);
  for (const [threshold, { right, wrong }] of Object.entries(thresholds)) {
    console.log(`from ${threshold}  ${percent(right)}  ${percent(wrong)}  ${percent(1 - right - wrong)}`);
  }
  console.log(
    `${result.tracked_calls} calls to tracking numbers: Brier ${result.brier.toFixed(4)}, calibration error ${calibrationError(result).toFixed(3)}`,
  );
  console.log('said     was so   calls');
  for (const { mean_confidence, share_right, count } of result.reliability) {
    if (count > 0) {
      console.log(
        `${mean_confidence.toFixed(2).padStart(4)}     ${share_right.toFixed(2).padStart(4)}  ${String(count).padStart(7)}`,
      );
    }
  }
}

const given = readSettings();
const pool = {
  numbers: given.numbers,
  reservation: given.reservation,
  minReservation: given['min-reservation'],
  join: given.join,
};
const workload = given.workload
  ? await readWorkload(given.workload)
  : makeWorkload({
      seed: given.seed,
      days: given.days,
      visitsPerHour: given.visits,
      callers: given.callers,
      delays: given.delays,
    });
const world =
  given.policy === 'product'
    ? await createProduct(pool, process.env)
    : createRule(given.policy, pool, given.seed);
const onEvent = process.stderr.isTTY
  ? (done: number) => {
      if (done % 500 === 0 || done === workload.length)
        process.stderr.write(`\r${done} of ${workload.length} events `);
    }
  : undefined;
try {
  const result = score(await run(workload, world, onEvent));
  if (onEvent) process.stderr.write('\n');
  if (given.json) console.log(JSON.stringify(result));
  else print(result);
} finally {
  await world.close();
}
