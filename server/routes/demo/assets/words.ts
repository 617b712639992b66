import type { DemoReason, DemoSource } from '../wire.js';

/** Why the page shows the number that it shows, by what the script says of it. */
const STATUS: Record<string, string> = {
  waiting: 'The page is asking for a number …',
  no_number: 'All numbers of the pool are taken for the moment, so the page shows its own.',
  no_target: 'The page shows no number that the service knows.',
  bot: 'The service takes this browser for a robot; robots get no numbers.',
  excluded: 'Visitors from this address are left out.',
  unavailable: 'The service cannot lease numbers for the moment, so the page shows its own.',
  error: 'The service does not answer, so the page shows its own number.',
};

export function statusWords(status: string | null): string {
  if ((navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl)
    return 'This browser asks not to be tracked (Global Privacy Control), so it gets no number of its own.';
  if (status === null) return 'The script has not run: a blocker may have stopped it.';
  return STATUS[status] ?? '';
}

const METHODS: Record<string, string> = {
  code: 'by the code that the caller gave',
  tap: 'by the tap on the number just before',
  source: 'by the number, which stands for one source',
  redial: 'because this caller has called before',
  recency: 'by who was shown this number, and when',
  unknown: 'nobody is likely enough',
  pending: 'to be decided',
};

export const methodWords = (method: string): string => METHODS[method] ?? method;

const REASONS: Record<string, string> = {
  recency: 'This visitor was shown the number that was called',
  redial: 'The same caller has called before',
  code: 'A code was given',
  tap: 'The number was tapped on the page just before the call',
  source_tracker: 'The number stands for one source',
  unknown: 'No visitor fits',
};

export const reasonWords = ({ code, detail }: DemoReason): string =>
  REASONS[code] ? `${REASONS[code]}: ${detail}.` : `${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`;

/** `google / cpc`, as marketers write it. */
export const sourceWords = ({ source, medium }: DemoSource): string =>
  medium === null ? source : `${source} / ${medium}`;

/** Never rounded up to certainty, nor down to nothing. */
export function percent(share: number): string {
  if (share > 0.99 && share < 1) return `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;
  if (share > 0 && share < 0.01) return `${Math.max(0.1, Math.round(share * 1000) / 10).toFixed(1)} %`;
  return `${Math.round(share * 100)} %`;
}

export const minutes = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds) % 60).padStart(2, '0')}`;

/** An American number as Americans write it; another one as it is. */
export const nice = (number: string): string =>
  number.replace(/^\+1(\d{3})(\d{3})(\d{4})$/, '($1)\u00a0$2-$3');
