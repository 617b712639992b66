import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const t = z.number().nonnegative();
const visitor = z.string().min(1);

const workloadEvent = z.discriminatedUnion('type', [
  z.object({
    t,
    type: z.literal('visit'),
    visitor,
    until: z.number(),
    source: z.string().optional(),
    device: z.enum(['mobile', 'desktop']).optional(),
  }),
  z.object({ t, type: z.literal('tap'), visitor }),
  z.object({ t, type: z.literal('call'), visitor, from: z.string().nullish() }),
]);

/** What visitors and callers do, in seconds from the beginning. Whoever calls is the truth that a decision is held to. */
export type WorkloadEvent = z.infer<typeof workloadEvent>;
export type VisitEvent = Extract<WorkloadEvent, { type: 'visit' }>;

/** Reads a workload, an event a line, in time order. Throws with the number of the line that is wrong. */
export async function readWorkload(path: string): Promise<WorkloadEvent[]> {
  const events: WorkloadEvent[] = [];
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    line += 1;
    if (text.trim() === '') continue;
    const wrong = (why: string) => new Error(`${path}, line ${line}: ${why}`);
    let given: unknown;
    try {
      given = JSON.parse(text);
    } catch {
      throw wrong('not JSON');
    }
    const { data, error } = workloadEvent.safeParse(given);
    if (!data) throw wrong(z.prettifyError(error));
    if (data.t < (events.at(-1)?.t ?? 0)) throw wrong('earlier than the line before');
    if (data.type === 'visit' && data.until < data.t) throw wrong('ends before it begins');
    events.push(data);
  }
  return events;
}
