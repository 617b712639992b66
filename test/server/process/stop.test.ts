import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import { api, type Loose } from '../../support/api.js';
import { openStream } from '../../support/event-source.js';
import { type Mode, startServer, type TestServer } from '../../support/server-process.js';
import { makeSite } from '../../support/site.js';
import { tempDir } from '../../support/temp-dir.js';
import { pageOf } from '../routes/page.js';
import { rowsOf } from '../routes/rows-of.js';
import { until } from '../routes/until.js';

/** A request whose body comes in two halves, so that it is in flight for as long as the test wants. */
async function halfSent(server: TestServer, path: string, body: Loose) {
  const text = JSON.stringify(body);
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  await once(socket, 'connect');
  let answer = '';
  socket.setEncoding('utf8').on('data', (part: string) => {
    answer += part;
  });
  const head = [
    `POST ${path} HTTP/1.1`,
    'host: localhost',
    `authorization: Bearer ${server.adminKey}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(text)}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${text.slice(0, 10)}`);
  return {
    /** Sends the rest and waits for the answer. */
    async finish(): Promise<string> {
      const closed = once(socket, 'close');
      socket.write(text.slice(10));
      await closed;
      return answer;
    },
  };
}

const isClosed = (url: string) =>
  fetch(`${url}/healthz`).then(
    async (response) => {
      await response.body?.cancel();
      return false;
    },
    () => true,
  );

describe.each<Mode>(['embedded', 'postgres', 'redis'])('SIGTERM (%s)', (mode) => {
  test('finishes the call that is on its way in, ends streams, takes no new connection, and ends with 0', async () => {
    const data = tempDir();
    const server = await startServer({ mode, dataDir: data.path });
    try {
      const site = await makeSite(api(server.url, server.adminKey));
      const call = { call_id: newId(), to: site.numbers[0], from: '+12125550123' };
      const underway = await halfSent(server, '/v1/calls/start', call);
      const watching = await openStream(`${server.url}/v1/calls/stream`, {
        authorization: `Bearer ${server.adminKey}`,
      });
      // Its head has been read when a request sent after it was answered.
      await api(server.url).get('/healthz');
      process.kill(server.pid, 'SIGTERM');
      // It is ended as it should be, and not cut off when patience ends.
      await watching.ended;
      await until(() => isClosed(server.url), Boolean);
      expect(server.ended()).toBeNull();
      const answer = await underway.finish();
      expect(answer).toMatch(/^HTTP\/1\.1 200 /);
      expect(answer).toContain(site.destination);
      expect(await server.exit).toBe(0);
      expect(server.stderr()).toBe('');
    } finally {
      await server.kill();
      await server.stop();
      data.remove();
    }
  }, 120_000);
});

test('renewals of the last moment are not lost', async () => {
  const server = await startServer({ mode: 'redis' });
  const site = await makeSite(api(server.url, server.adminKey));
  const page = pageOf(server.url, site);
  const { visitor } = (await page.view()).body;
  await sleep(20);
  const renewed = await page.send({ type: 'renew', visitor });
  try {
    process.kill(server.pid, 'SIGTERM');
    expect(await server.exit).toBe(0);
    const sql = 'select leased_at, last_seen_at from leases where visitor_id = $1';
    const leases = await rowsOf(server, sql, [visitor]);
    expect(leases).toHaveLength(1);
    const promised = Date.parse(renewed.body.swaps[0]?.expires_at as string);
    // The promise counts from the sign: what the database has of it, but for the milliseconds of the way there.
    expect(Math.abs(leases[0].last_seen_at.getTime() + 300_000 - promised)).toBeLessThan(1_000);
    expect(leases[0].last_seen_at.getTime()).toBeGreaterThan(leases[0].leased_at.getTime());
  } finally {
    await server.stop();
  }
});
