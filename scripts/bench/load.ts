import autocannon from 'autocannon';
import { USER_AGENT } from './user-agent.js';

export interface Figures {
  /** Answers a second. */
  rate: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  /** Answers that were not what was asked for. */
  wrong: number;
}

/**
 * Posts bodies over 50 connections, each as soon as the one before was answered, either for some seconds or so many
 * times. `isRight` looks at every answer, so that a fast refusal does not count as speed.
 */
export async function load(
  url: string,
  options: { body: () => string; isRight: (text: string) => boolean } & (
    | { seconds: number }
    | { amount: number }
  ),
): Promise<Figures> {
  let wrong = 0;
  const result = await autocannon({
    url,
    method: 'POST',
    connections: 50,
    ...('seconds' in options ? { duration: options.seconds } : { amount: options.amount }),
    headers: { 'content-type': 'application/json', 'user-agent': USER_AGENT },
    requests: [
      {
        setupRequest: (request) => ({ ...request, body: options.body() }),
        onResponse: (status, body) => {
          if (status !== 200 || !options.isRight(body)) wrong += 1;
        },
      },
    ],
  });
  return {
    rate: result.requests.total / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    wrong: wrong + result.errors + result.timeouts,
  };
}
