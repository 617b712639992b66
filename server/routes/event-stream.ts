import { Readable } from 'node:stream';

/** What may wait for a client that reads too slowly, in UTF-16 units; past it the client is dropped. */
const MOST_WAITING = 1_000_000;

/** The body of an answer of server-sent events (HTML standard, 9.2). */
export interface EventStream {
  body: Readable;
  /** Sends an event; one without data only tells from where to go on. */
  send(event: { id: string; type?: string; data?: unknown }): void;
  comment(text: string): void;
  /** Resolves when the client has taken what was sent, but for what a stream buffers; false: it is gone. */
  room(): Promise<boolean>;
  /** Whether the client took nothing since it was last asked, though something waits for it. */
  isStuck(): boolean;
  end(): void;
}

/** Events for one client. `retryMs`: when it should come back after the connection was lost. */
export function createEventStream(retryMs: number): EventStream {
  const wanting: (() => void)[] = [];
  let sent = 0;
  let taken = 0;
  let isEnded = false;
  const body = new Readable({
    read() {
      for (const wake of wanting.splice(0)) wake();
    },
    destroy(error, done) {
      for (const wake of wanting.splice(0)) wake();
      done(error);
    },
  });
  body.setEncoding('utf8');
  function push(text: string): void {
    if (body.destroyed || isEnded) return;
    sent += text.length;
    body.push(text);
    if (body.readableLength > MOST_WAITING) body.destroy();
  }
  push(`retry: ${retryMs}\n\n`);
  return {
    body,
    send({ id, type, data }) {
      const lines = [
        `id: ${id}`,
        ...(type === undefined ? [] : [`event: ${type}`]),
        ...(data === undefined ? [] : [`data: ${JSON.stringify(data)}`]),
      ];
      push(`${lines.join('\n')}\n\n`);
    },
    comment: (text) => push(`: ${text}\n\n`),
    async room() {
      if (!body.destroyed && body.readableLength > body.readableHighWaterMark) {
        await new Promise<void>((resolve) => wanting.push(resolve));
      }
      return !body.destroyed;
    },
    isStuck() {
      const before = taken;
      taken = sent - body.readableLength;
      return body.readableLength > 0 && taken === before;
    },
    end() {
      if (isEnded) return;
      isEnded = true;
      // What a client does not read would hold up whoever waits for the end.
      if (body.readableLength > 0) body.destroy();
      else body.push(null);
    },
  };
}
