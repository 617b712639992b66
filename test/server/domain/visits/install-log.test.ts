import { expect, test } from 'vitest';
import { createInstallLog } from '../../../../server/domain/visits/install-log.js';
import type { InstallReport } from '../../../../server/stores/installs.js';

const PAGE = { found: [], swapped: 0, isChecked: false, printed: [] };

/** A log whose store is due to be asked for every host, each time. */
function logging() {
  const written: InstallReport[][] = [];
  const log = createInstallLog({
    report: async (reports) => {
      written.push(reports);
      return reports;
    },
  });
  return { log, written };
}

test('what the pages of a host tell is written together', async () => {
  const { log, written } = logging();
  await log.flush();
  const [mine, others] = ['a', 'b'].map((visitorId) => ({ number: '+12025550123', visitorId }));
  log.seen('site', 'shop.example', { ...PAGE, found: ['+12125550100'], swapped: 2 });
  log.seen('site', 'shop.example', { ...PAGE, isChecked: true, printed: [mine!] });
  log.seen('site', 'www.shop.example', PAGE);
  log.seen('site', 'shop.example', { ...PAGE, found: ['+12125550100'], swapped: 1, printed: [others!] });
  await log.flush();
  await log.flush();
  const all = { found: ['+12125550100'], swaps: 3, isChecked: true, printed: [mine, others] };
  const none = { found: [], swaps: 0, isChecked: false, printed: [] };
  expect(written).toEqual([
    [
      { siteId: 'site', host: 'shop.example', ...all },
      { siteId: 'site', host: 'www.shop.example', ...none },
    ],
  ]);
});

test('one page of a host that is due is asked to look', async () => {
  const { log } = logging();
  const take = () => log.takeCheck('site', 'shop.example');
  log.seen('site', 'shop.example', PAGE);
  expect(take()).toBe(false);
  await log.flush();
  expect(log.takeCheck('other', 'shop.example')).toBe(false);
  expect([take(), take()]).toEqual([true, false]);
});

test('what is no host, and more hosts than sites have, take no room', async () => {
  const { log, written } = logging();
  log.seen('site', '', PAGE);
  log.seen('site', `${'a'.repeat(254)}`, PAGE);
  for (let at = 0; at < 1_500; at += 1) log.seen('site', `${at}.example`, PAGE);
  await log.flush();
  expect(written[0]).toHaveLength(1_000);
});
