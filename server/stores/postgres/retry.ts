import { isCollision } from './failures.js';

const ATTEMPTS = 5;

/** Does work again that lost a race with another transaction: it wrote nothing, and the other is over by now. */
export async function againAfterCollision<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || !isCollision(error)) throw error;
    }
  }
}
