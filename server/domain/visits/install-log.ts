import type { InstallReport, InstallStore } from '../../stores/installs.js';

/** A site has few hosts; more than this are junk, and the rest of them waits for the next write. */
const MAX_WAITING = 1_000;

export interface InstallLog {
  /** A page of this host showed these numbers and was answered so many swaps. */
  seen(siteId: string, host: string, found: string[], swaps: number): void;
  /** Writes what was seen since the last time. */
  flush(): Promise<void>;
}

/**
 * Where the script runs and what it finds there, gathered in memory and written now and then: it is told for people,
 * so a visit does not wait for it.
 */
export function createInstallLog(store: Pick<InstallStore, 'report'>): InstallLog {
  let waiting = new Map<string, InstallReport>();
  return {
    seen(siteId, host, found, swaps) {
      if (host === '') return;
      const key = `${siteId} ${host}`;
      const before = waiting.get(key);
      if (!before && waiting.size >= MAX_WAITING) return;
      waiting.set(key, {
        siteId,
        host: host.slice(0, 253),
        found: [...new Set([...(before?.found ?? []), ...found])].slice(0, 200),
        swaps: (before?.swaps ?? 0) + swaps,
      });
    },
    async flush() {
      if (waiting.size === 0) return;
      const reports = [...waiting.values()];
      waiting = new Map();
      await store.report(reports);
    },
  };
}
