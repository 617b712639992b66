import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { EventReply } from '../../shared/events.js';
import { type LeaseUrls, openLeaseServer, type ViewAsk } from './lease-server.js';

type Ask = Omit<ViewAsk, 'now'> & { now: string };
type Told = { ready: true } | { replies: EventReply[] } | { error: string };

/** A lease server in a process of its own. */
export interface LeaseProcess {
  /** All of these views at once. */
  views: (asks: ViewAsk[]) => Promise<EventReply[]>;
  close: () => Promise<void>;
}

export async function startLeaseProcess(urls: LeaseUrls): Promise<LeaseProcess> {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(urls)], {
    execArgv: ['--import', 'tsx'],
  });
  const hear = async (): Promise<Told> => {
    const [told] = await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => [{ error: `it ended with ${code}` }]),
    ]);
    return told as Told;
  };
  const told = await hear();
  if (!('ready' in told)) throw new Error(`The lease process did not start: ${JSON.stringify(told)}`);
  return {
    async views(asks) {
      child.send(asks);
      const answer = await hear();
      if ('replies' in answer) return answer.replies;
      throw new Error(`The lease process failed: ${JSON.stringify(answer)}`);
    },
    async close() {
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    },
  };
}

/** The child's side. */
async function serve(urls: LeaseUrls): Promise<void> {
  const server = await openLeaseServer(urls);
  const tell = (told: Told) => process.send?.(told);
  process.on('message', (asks: Ask[]) => {
    Promise.all(asks.map((ask) => server.view({ ...ask, now: new Date(ask.now) })))
      .then((replies) => tell({ replies }))
      .catch((error: Error) => tell({ error: error.stack ?? error.message }));
  });
  process.on('disconnect', () => void server.close());
  tell({ ready: true });
}

const [, script, argument] = process.argv;
if (process.send && argument && script === fileURLToPath(import.meta.url)) {
  await serve(JSON.parse(argument) as LeaseUrls);
}
