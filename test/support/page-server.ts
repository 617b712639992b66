import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';

/** Path → HTML (a script, where the path ends in `.js`), or a function that makes it of the URL asked for, or its chunks one by one. */
export type Pages = Record<string, string | ((url: URL) => string | AsyncIterable<string>)>;

export interface PageServer {
  /** Its origin, `http://127.0.0.1:port`. */
  url: string;
  close: () => Promise<void>;
}

/** A website for tests: one page at every path, or the pages given by path and 404 else. */
export async function servePage(pages: string | Pages): Promise<PageServer> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const page = typeof pages === 'string' ? pages : pages[url.pathname];
    const type = url.pathname.endsWith('.js') ? 'javascript' : 'html';
    response.writeHead(page === undefined ? 404 : 200, { 'content-type': `text/${type}; charset=utf-8` });
    // Chromium takes a 404 with nothing in it for a failed navigation.
    const body = typeof page === 'function' ? page(url) : (page ?? 'Not found');
    if (typeof body === 'string') response.end(body);
    else Readable.from(body).pipe(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
