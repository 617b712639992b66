import type { Loose } from './api.js';

export interface StreamedEvent {
  id: string;
  type: string;
  data: Loose;
}

export interface OpenStream {
  status: number;
  headers: Headers;
  /** Of all that came, comments included. */
  text: () => string;
  /** The id from where to go on. */
  lastId: () => string;
  /** The events that came so far. */
  events: () => StreamedEvent[];
  /** Resolves when there have been so many events, with all of them; rejects when the stream is over before. */
  until: (count: number) => Promise<StreamedEvent[]>;
  /** Resolves when the server has ended the stream; rejects when it was cut off. */
  ended: Promise<void>;
  /** Gives up, as a client does that loses the connection. */
  close: () => void;
}

/**
 * Opens a stream of server-sent events, and resolves when it has said from where to go on, or was refused. Reads the HTML standard has
 * it, as far as ours go.
 */
export async function openStream(url: string, headers: Record<string, string> = {}): Promise<OpenStream> {
  const gone = new AbortController();
  const response = await fetch(url, { headers, signal: gone.signal });
  let text = '';
  let lastId = '';
  let rest = '';
  const events: StreamedEvent[] = [];
  let wake = () => {};

  function take(block: string): void {
    const fields = block.split('\n').map((line) => {
      const at = line.indexOf(':');
      return [line.slice(0, at), line.slice(at + 1).trimStart()] as const;
    });
    const value = (name: string) => fields.find(([field]) => field === name)?.[1];
    lastId = value('id') ?? lastId;
    const data = value('data');
    if (data !== undefined) {
      events.push({ id: lastId, type: value('event') ?? 'message', data: JSON.parse(data) });
    }
  }

  async function read(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
      const piece = decoder.decode(part, { stream: true });
      text += piece;
      rest += piece;
      const blocks = rest.split('\n\n');
      rest = blocks.pop() as string;
      blocks.forEach(take);
      wake();
    }
  }
  const ended = read();
  // Who does not ask how it ended does not care.
  ended.catch(() => {});
  const isOver = ended.then(() => {
    throw new Error(`the stream ended after ${events.length} events`);
  });
  isOver.catch(() => {});
  const more = () =>
    Promise.race([
      new Promise<void>((resolve) => {
        wake = resolve;
      }),
      isOver,
    ]);
  if (response.status === 200) while (lastId === '') await more();
  return {
    status: response.status,
    headers: response.headers,
    text: () => text,
    lastId: () => lastId,
    events: () => events,
    async until(count) {
      while (events.length < count) await more();
      return events;
    },
    ended,
    close: () => gone.abort(),
  };
}
