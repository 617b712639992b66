/** Counts what one address, or one site, may do in a while. */
export interface Limiter {
  /** Counts one more. 0: it is allowed; else the seconds after which to come back. Never rejects. */
  take(key: string): Promise<number>;
  /** What was taken came to nothing. */
  giveBack(key: string): void;
}
