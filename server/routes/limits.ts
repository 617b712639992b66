import type { FastifyReply, FastifyRequest } from 'fastify';
import { networkOf } from '../lib/address.js';
import { Problem } from '../lib/errors.js';
import type { Limiter } from '../stores/limiter.js';
import type { App } from './app-types.js';

/** Refuses an address that has asked too often. */
export function limitByAddress(app: App, requests: Limiter): void {
  // After the hooks that set CORS headers, which belong on this answer too, and before the body is read.
  app.addHook('preParsing', async (request: FastifyRequest) => {
    const wait = await requests.take(networkOf(request.ip));
    if (wait === 0) return;
    throw new Problem('rate_limited', 'Too many requests from this address.', undefined, wait);
  });
}

/**
 * Refuses what comes in while `max` requests of these routes are under way: what waits for a store that is slow must
 * not grow without end, nor be answered when nobody waits any more.
 */
export function limitUnderWay(app: App, max: number): void {
  let underWay = 0;
  const leave = () => {
    underWay -= 1;
  };
  app.addHook('preParsing', (_request: FastifyRequest, reply: FastifyReply, _payload, done) => {
    if (underWay >= max) return done(new Problem('overloaded', 'Too many requests are under way.'));
    underWay += 1;
    // Answered, or given up by the client.
    reply.raw.once('close', leave);
    done();
  });
}
