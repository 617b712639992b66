import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** none: all passes. refuse: nobody listens, and what was open is reset. hang: what is sent stays unanswered. */
export type Outage = 'none' | 'refuse' | 'hang';

export interface FaultyPostgres {
  /** The database's URL through here. */
  url: string;
  /** What becomes of connections from now on, the open ones too. */
  set: (outage: Outage) => Promise<void>;
  close: () => Promise<void>;
}

/** Stands between a server and the database at `url`. */
export async function startFaultyPostgres(url: string): Promise<FaultyPostgres> {
  const target = new URL(url);
  const pairs = new Set<[Socket, Socket]>();
  let outage: Outage = 'none';

  const server = createServer((socket) => {
    const onward = connect(Number(target.port), target.hostname);
    const pair: [Socket, Socket] = [socket, onward];
    pairs.add(pair);
    for (const [one, other] of [pair, [onward, socket] as const]) {
      one.on('error', () => {});
      one.on('close', () => {
        pairs.delete(pair);
        other.destroy();
      });
      one.pipe(other);
    }
    if (outage === 'hang') for (const one of pair) one.pause();
  });
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const through = new URL(url);
  through.host = `127.0.0.1:${port}`;

  async function set(next: Outage): Promise<void> {
    const before = outage;
    outage = next;
    for (const pair of pairs) {
      for (const one of pair) {
        if (next === 'refuse') one.resetAndDestroy();
        else if (next === 'hang') one.pause();
        else one.resume();
      }
    }
    if (next === 'refuse' && before !== 'refuse') {
      const closed = once(server, 'close');
      server.close();
      await closed;
    }
    if (next !== 'refuse' && before === 'refuse') await listen(port);
  }

  return {
    url: through.href,
    set,
    close: async () => {
      await set('refuse');
    },
  };
}
