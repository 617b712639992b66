import { USER_AGENT } from '../bench/user-agent.js';

export interface Reply {
  /** 0: no answer. */
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the service says, and each reader checks what it reads
  body: any;
  askedAt: number;
  answeredAt: number;
}

/** Posts JSON, and gives up after so many milliseconds. Never throws. */
export async function ask(url: string, body: unknown, giveUpMs: number, key?: string): Promise<Reply> {
  const askedAt = performance.now();
  const answer = (status: number, read: unknown): Reply => ({
    status,
    body: read,
    askedAt,
    answeredAt: performance.now(),
  });
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': USER_AGENT,
        ...(key ? { authorization: `Bearer ${key}` } : {}),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(giveUpMs),
    });
    const text = await response.text();
    return answer(response.status, text === '' ? null : JSON.parse(text));
  } catch {
    return answer(0, null);
  }
}
