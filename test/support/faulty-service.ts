import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of an event: sent on, cut off, sent on but answered after 4 s or not at all, or answered by this instead. */
export type Fault = 'none' | 'cut' | 'late' | 'lose' | { status: number; type?: string; body: string };

const LATE_MS = 4000;

export interface FaultyService {
  url: string;
  /** What happens to events from now on. Everything else, the script too, is always sent on. */
  break: (fault: Fault) => void;
  close: () => Promise<void>;
}

/** Stands between pages and the service at `upstream`, and breaks on demand what passes. */
export async function startFaultyService(upstream: string): Promise<FaultyService> {
  let fault: Fault = 'none';
  const server = createServer((asked, answer) => {
    const now = asked.url === '/v1/events' ? fault : 'none';
    if (now === 'cut') asked.socket.destroy();
    else if (typeof now === 'object') {
      asked.resume();
      const type = now.type ?? 'application/json';
      answer.writeHead(now.status, { 'content-type': type, 'access-control-allow-origin': '*' });
      answer.end(now.body);
    } else {
      const { method, headers } = asked;
      const onward = request(`${upstream}${asked.url}`, { method, headers }, (answered) => {
        if (now === 'lose') answer.destroy();
        else answer.writeHead(answered.statusCode ?? 502, answered.headers);
        setTimeout(() => answered.pipe(answer), now === 'late' ? LATE_MS : 0);
      });
      onward.on('error', () => answer.destroy());
      asked.pipe(onward);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    break: (next) => {
      fault = next;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
