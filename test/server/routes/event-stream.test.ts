import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createEventStream } from '../../../server/routes/event-stream.js';

const textOf = async (body: AsyncIterable<string>) => {
  let text = '';
  for await (const part of body) text += part;
  return text;
};
const soon = () => new Promise((resolve) => setImmediate(resolve));

describe('a stream of events', () => {
  test('is written as the standard has it', async () => {
    const stream = createEventStream(2_000);
    const text = textOf(stream.body);
    stream.send({ id: '1-0' });
    stream.send({ id: '1-2', type: 'ended', data: { note: 'a\r\n\nid: b' } });
    stream.comment('alive');
    await stream.room();
    await soon();
    stream.end();
    stream.send({ id: '1-3', type: 'ended', data: {} });
    expect(await text).toBe(
      'retry: 2000\n\nid: 1-0\n\nid: 1-2\nevent: ended\ndata: {"note":"a\\r\\n\\nid: b"}\n\n: alive\n\n',
    );
  });

  test('has room again when the client has read, and none when it is gone', async () => {
    const stream = createEventStream(1);
    stream.send({ id: '1-0', data: 'x'.repeat(100_000) });
    let hasRoom: boolean | null = null;
    const room = stream.room().then((is) => {
      hasRoom = is;
    });
    await soon();
    expect(hasRoom).toBeNull();
    stream.body.resume();
    await room;
    expect(hasRoom).toBe(true);
    stream.body.pause();
    stream.send({ id: '1-1', data: 'x'.repeat(100_000) });
    const gone = stream.room();
    stream.body.destroy();
    expect(await gone).toBe(false);
  });

  test('drops a client that lets too much wait', async () => {
    const stream = createEventStream(1);
    stream.body.pipe(new PassThrough({ highWaterMark: 1 }));
    for (let at = 0; at < 200 && !stream.body.destroyed; at += 1) {
      stream.send({ id: `1-${at}`, data: 'x'.repeat(20_000) });
      await soon();
    }
    expect(stream.body.destroyed).toBe(true);
  });

  test('notices a client that takes nothing, and not one that has nothing to take', async () => {
    const stream = createEventStream(1);
    const client = new PassThrough({ highWaterMark: 1 });
    stream.body.pipe(client);
    client.resume();
    await soon();
    expect(stream.isStuck()).toBe(false);
    expect(stream.isStuck()).toBe(false);
    client.pause();
    for (let at = 0; at < 5; at += 1) stream.send({ id: `1-${at}`, data: 'x' });
    await soon();
    stream.isStuck();
    stream.comment('alive');
    await soon();
    expect(stream.isStuck()).toBe(true);
    client.resume();
    await soon();
    await soon();
    expect(stream.isStuck()).toBe(false);
    stream.body.destroy();
  });

  test('that ends does not wait for a client that does not read', async () => {
    const stream = createEventStream(1);
    const closed = new Promise((resolve) => stream.body.once('close', resolve));
    stream.end();
    await closed;
    expect(stream.body.destroyed).toBe(true);
  });
});
