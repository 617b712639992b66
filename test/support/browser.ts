import { type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';
import { needed } from './needed.js';

/** Without it navigator.webdriver is set, and the service takes us for the robot that we are. */
const PERSON = '--disable-blink-features=AutomationControlled';

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  PERSON,
];

export interface TestBrowser {
  /** A new visitor: storage and cookies of its own, and the user agent of an ordinary desktop. */
  newContext: (options?: BrowserContextOptions) => Promise<BrowserContext>;
  /** False once it is closed, or died. */
  isThere: () => boolean;
  close: () => Promise<void>;
}

export interface BrowserHabits {
  /** Says by navigator.webdriver that a program uses it. */
  isAutomated?: boolean;
  /** Keeps a page that was left as it is, for the way back (bfcache). */
  keepsPages?: boolean;
}

/** Starts a real Chromium. */
export async function launchBrowser({ isAutomated, keepsPages }: BrowserHabits = {}): Promise<TestBrowser> {
  const browser = await chromium.launch({
    executablePath: needed('CHROMIUM'),
    args: ARGUMENTS.filter((argument) => !isAutomated || argument !== PERSON),
    ignoreDefaultArgs: keepsPages ? ['--disable-back-forward-cache'] : [],
  });
  const version = browser.version().split('.')[0];
  // Headless Chromium would name itself HeadlessChrome.
  const userAgent = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Safari/537.36`;
  return {
    newContext: (options) => browser.newContext({ userAgent, ...options }),
    isThere: () => browser.isConnected(),
    close: () => browser.close(),
  };
}
