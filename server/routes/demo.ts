import type { App } from './app-types.js';
import { demoCalls } from './demo/calls.js';
import { demoPages } from './demo/pages.js';
import { demoSession } from './demo/session.js';
import type { Services } from './services.js';

/** The demo: a plumber's page with the script tag in it, a frame around that, and what the frame asks. No key needed. */
export async function demoRoutes(app: App, services: Services): Promise<void> {
  demoPages(app, services);
  demoCalls(app, services);
  demoSession(app, services);
}
