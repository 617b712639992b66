import type { BrowserContext, BrowserContextOptions, Frame, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import type { EventReply, EventRequest } from '../../shared/events.js';
import type { TestBrowser } from './browser.js';

/** Long enough for a busy machine; nothing waits for it that goes well. */
const DEADLINE = { timeout: 25_000, interval: 50 };

/** What is read becomes what is expected, sooner or later. */
export const eventually = <T>(read: () => T | Promise<T>) => expect.poll(read, DEADLINE);

export interface Visitor {
  context: BrowserContext;
  page: Page;
  /** Errors that no script of the visitor's pages caught. */
  errors: string[];
  /** What the pages sent to the service. */
  events: EventRequest[];
  /** What it answered, as far as it made sense. */
  replies: EventReply[];
}

/** A new person at the browser until the test ends, with one page open, and what their pages do in the background. */
export async function newVisitor(
  browser: Pick<TestBrowser, 'newContext'>,
  options?: BrowserContextOptions,
): Promise<Visitor> {
  const context = await browser.newContext(options);
  onTestFinished(() => context.close());
  const errors: string[] = [];
  const events: EventRequest[] = [];
  const replies: EventReply[] = [];
  context.on('weberror', (error) => errors.push(String(error.error())));
  context.on('request', (request) => {
    if (isEvent(request.url())) events.push(JSON.parse(request.postData() ?? 'null'));
  });
  context.on('response', async (response) => {
    if (!isEvent(response.url()) || response.status() !== 200) return;
    // A page that is left takes the answer with it; some tests answer no JSON.
    const reply: EventReply | null = await response.json().catch(() => null);
    if (reply?.swaps) replies.push(reply);
  });
  return { context, page: await context.newPage(), errors, events, replies };
}

const isEvent = (url: string): boolean => url.endsWith('/v1/events');

/** The number of the page's first `tel:` link, whatever it is now. */
export const linkedNumber = async (page: Page | Frame): Promise<string> =>
  ((await page.locator('a[href^="tel:"]').first().getAttribute('href')) ?? '').slice('tel:'.length);

/** Waits until the page links another number than its own, and returns that. */
export async function swappedNumber(page: Page | Frame, target: string): Promise<string> {
  let number = target;
  await eventually(async () => {
    number = await linkedNumber(page);
    return number;
  }).not.toBe(target);
  return number;
}

/** Waits until the page's script is there. */
export const isThere = (page: Page | Frame) =>
  eventually(() => page.evaluate(() => (window as { dni?: { version?: string } }).dni?.version)).toBeTruthy();

/** Waits until the page's script has heard so; `error`: it asked and got no answer that makes sense. */
export const hears = (page: Page | Frame, status: string) =>
  eventually(() => page.evaluate(() => (window as { dni?: { status?: string } }).dni?.status)).toBe(status);
