import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { needed } from './needed.js';
import { tempDir } from './temp-dir.js';

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  // Headless Chromium would name itself HeadlessChrome.
  '--user-agent=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
];

/**
 * Opens a page in a real Chromium that nobody looks into, until the test ends: one that is watched renders no page ahead. What the
 * page knows it must tell its server.
 */
export function openUnattended(url: string): void {
  const profile = tempDir();
  const chromium = spawn(needed('CHROMIUM'), [...ARGUMENTS, `--user-data-dir=${profile.path}`, url], {
    stdio: 'ignore',
    // A group of its own: its helpers write into the profile until they end too.
    detached: true,
  });
  onTestFinished(async () => {
    const ended = once(chromium, 'exit');
    process.kill(-(chromium.pid as number), 'SIGKILL');
    await ended;
    // Those that left the group know the profile's path.
    spawnSync('pkill', ['-KILL', '-f', profile.path]);
    profile.remove();
  });
}
