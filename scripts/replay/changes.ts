import type { Decision } from '../../server/domain/attribution/facts.js';

/** What is said of a call. */
export interface Said {
  method: string;
  confidence: number;
  visitor_id: string | null;
  source: string | null;
}

export interface Change {
  id: string;
  started_at: Date;
  before: Said;
  after: Said;
}

/** Whether a decision says anything else than the one before; smaller differences than a report can show are none. */
export const differs = (
  before: Pick<Said, 'method' | 'confidence' | 'visitor_id'>,
  after: Pick<Decision, 'method' | 'confidence' | 'visitor_id'>,
): boolean =>
  before.method !== after.method ||
  before.visitor_id !== after.visitor_id ||
  Math.abs(before.confidence - after.confidence) >= 0.005;

/** Calls by what they are credited to: the source, from `minConfidence`, else `(unknown)`. */
export function credited(said: Said[], minConfidence: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { source, confidence } of said) {
    const key = confidence >= minConfidence && source !== null ? source : '(unknown)';
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

const LISTED = 20;

/** The report: how many change, by method and by credit, and the first of them. */
export function describe(
  all: Change[],
  changed: Change[],
  confidences: { before: number; after: number },
): string {
  const lines = [`${all.length} calls, ${changed.length} decided otherwise`];
  const table = (title: string, before: Map<string, number>, after: Map<string, number>) => {
    const names = [...new Set([...before.keys(), ...after.keys()])].sort();
    lines.push('', `${title.padEnd(24)}   before    after`);
    for (const name of names) {
      const [was, is] = [before.get(name) ?? 0, after.get(name) ?? 0];
      const more = is === was ? '' : `  ${is > was ? '+' : ''}${is - was}`;
      lines.push(`${name.padEnd(24)} ${String(was).padStart(8)} ${String(is).padStart(8)}${more}`);
    }
  };
  const by = (said: Said[]) => {
    const counts = new Map<string, number>();
    for (const { method } of said) counts.set(method, (counts.get(method) ?? 0) + 1);
    return counts;
  };
  const [before, after] = [all.map((call) => call.before), all.map((call) => call.after)];
  table('method', by(before), by(after));
  table('credited to', credited(before, confidences.before), credited(after, confidences.after));
  if (changed.length > 0) lines.push('');
  const words = ({ method, visitor_id, confidence }: Said) =>
    `${visitor_id ?? 'nobody'} (${method}, ${confidence.toFixed(2)})`;
  for (const { id, started_at, before, after } of changed.slice(0, LISTED)) {
    lines.push(`${started_at.toISOString()}  ${id}  ${words(before)} -> ${words(after)}`);
  }
  if (changed.length > LISTED) lines.push(`and ${changed.length - LISTED} more`);
  return lines.join('\n');
}
