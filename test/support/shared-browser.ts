import { launchBrowser, type TestBrowser } from './browser.js';
import { atWorkerEnd } from './worker-end.js';

let running: Promise<TestBrowser> | undefined;

/**
 * The browser of this worker, started for the first test file that asks and closed when the worker ends. Each visitor has
 * a context of their own in it, so one file leaves nothing to the next.
 */
export async function sharedBrowser(): Promise<Pick<TestBrowser, 'newContext'>> {
  const before = await running?.catch(() => undefined);
  if (before?.isThere()) return before;
  running = launchBrowser();
  const started = await running;
  atWorkerEnd(started.close);
  return started;
}
