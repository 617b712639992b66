import type { Logger } from 'pino';
import type { ChannelStore } from '../stores/channels.js';
import type { Presence } from '../stores/postgres/presence.js';
import type { Undo } from './undo.js';

const EVERY_MS = 1_000;
const AFTER_FAILURE_MS = 30_000;
/** Between two pieces others have their turn. */
const PAUSE_MS = 5;

/** Derives channels anew, in the background, where a site's rules have changed. */
export function deriveChannels(
  store: ChannelStore,
  presence: Pick<Presence, 'isAway'>,
  logger: Logger,
  undo: Undo,
): void {
  let isStopping = false;
  let deriving: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;

  async function derive(): Promise<void> {
    let pause = EVERY_MS;
    try {
      if (!presence.isAway() && (await store.deriveSome())) pause = PAUSE_MS;
    } catch (error) {
      // That Postgres is away has been said.
      if (!presence.isAway()) logger.error({ err: error }, 'could not derive channels');
      pause = AFTER_FAILURE_MS;
    }
    again(pause);
  }
  function again(pause: number): void {
    if (isStopping) return;
    timer = setTimeout(() => {
      deriving = derive();
    }, pause);
  }
  again(EVERY_MS);
  undo.push(async () => {
    isStopping = true;
    clearTimeout(timer);
    await deriving;
  });
}
