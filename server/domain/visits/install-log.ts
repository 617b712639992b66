import type { InstallReport, InstallStore } from '../../stores/installs.js';
import type { PageReport } from './page-report.js';

/** A site has few hosts; more than this are junk, and the rest of them waits for the next write. */
const MAX_WAITING = 1_000;

/** Longer is no host (RFC 1035). */
const MAX_HOST = 253;

/** Of one host in one write: a site has few targets, and few of its numbers are printed. */
const MAX_NUMBERS = 200;

export interface InstallLog {
  /** What a page of this host tells. */
  seen(siteId: string, host: string, page: PageReport): void;
  /** Whether this page of the host is to look for printed numbers; true for one page, then not for an hour. */
  takeCheck(siteId: string, host: string): boolean;
  /** Writes what was seen since the last time. */
  flush(): Promise<void>;
}

const keyOf = (siteId: string, host: string) => `${siteId} ${host}`;

function merge(before: InstallReport, page: PageReport): void {
  before.swaps += page.swapped;
  before.isChecked ||= page.isChecked;
  const found = page.found.filter((number) => !before.found.includes(number));
  before.found = [...before.found, ...found].slice(0, MAX_NUMBERS);
  before.printed = [...before.printed, ...page.printed].slice(0, MAX_NUMBERS);
}

/**
 * Where the script runs and what it finds there, gathered in memory and written now and then: it is told for people,
 * so a visit does not wait for it.
 */
export function createInstallLog(store: Pick<InstallStore, 'report'>): InstallLog {
  let waiting = new Map<string, InstallReport>();
  /** The hosts of which this server, and no other, asks a page to look. */
  const due = new Set<string>();
  return {
    seen(siteId, host, page) {
      if (host === '' || host.length > MAX_HOST) return;
      const key = keyOf(siteId, host);
      const before = waiting.get(key);
      if (before) return merge(before, page);
      if (waiting.size >= MAX_WAITING) return;
      const report = { siteId, host, found: [], swaps: 0, isChecked: false, printed: [] };
      merge(report, page);
      waiting.set(key, report);
    },
    takeCheck: (siteId, host) => due.delete(keyOf(siteId, host)),
    async flush() {
      if (waiting.size === 0) return;
      const reports = [...waiting.values()];
      waiting = new Map();
      for (const { siteId, host } of await store.report(reports)) {
        // Hosts that never come again are junk too.
        if (due.size >= MAX_WAITING) due.clear();
        due.add(keyOf(siteId, host));
      }
    },
  };
}
