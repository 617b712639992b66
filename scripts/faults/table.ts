import { complaints, type Outcome } from './run.js';

/** A row of the table: what came of a fault, or why it was not done. */
export interface Row {
  title: string;
  outcome: Outcome | string;
}

const HEADS = [
  'fault',
  'requests',
  'acknowledged',
  'lost',
  'overlaps',
  'given away',
  'calls',
  'calls routed',
  'calls lost',
  'slowest route',
  'seconds to recover',
  '',
];

const count = (number: number): string => number.toLocaleString('en-US');
const sum = (counts: Record<string, number>): number =>
  Object.values(counts).reduce((total, one) => total + one, 0);

function cells({ title, outcome }: Row): string[] {
  if (typeof outcome === 'string') return [title, ...HEADS.slice(2).map(() => ''), `skipped: ${outcome}`];
  return [
    title,
    count(outcome.requests),
    count(outcome.acknowledged),
    count(sum(outcome.lost)),
    count(outcome.overlaps),
    count(outcome.givenAway),
    count(outcome.calls),
    count(outcome.routed),
    count(outcome.lostCalls),
    `${count(Math.round(outcome.routeMax))} ms`,
    outcome.recovered === null ? 'never' : outcome.recovered.toFixed(1),
    complaints(outcome).length === 0 ? 'passed' : 'FAILED',
  ];
}

/** The rows as a table in Markdown, padded so that it reads well as it stands. */
export function table(rows: Row[]): string {
  const lines = [HEADS, ...rows.map(cells)];
  const widths = HEADS.map((_, at) => Math.max(3, ...lines.map((line) => (line[at] as string).length)));
  const text = (line: string[]) =>
    `| ${line.map((cell, at) => cell.padEnd(widths[at] as number)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [text(HEADS), rule, ...rows.map((row) => text(cells(row)))].join('\n');
}
