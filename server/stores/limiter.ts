/** Counts what one address may do in a while. */
export interface Limiter {
  /** Whether one more is allowed, which is then counted. Never rejects. */
  take(address: string): Promise<boolean>;
  /** What was taken came to nothing. */
  giveBack(address: string): Promise<void>;
}
