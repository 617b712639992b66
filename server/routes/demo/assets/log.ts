import type { DemoListedCall } from '../wire.js';
import { ask } from './ask.js';
import { byId, make } from './dom.js';
import { minutes, nice, percent, sourceWords } from './words.js';

const NAMES = ['When', 'Caller', 'Number called', 'Source', 'Campaign', 'Keyword', 'Confidence', 'Call'];

const howLong = ({ status, duration }: DemoListedCall): string =>
  status === 'in_progress' ? 'in progress' : `${status}, ${minutes(duration ?? 0)}`;

function row(call: DemoListedCall): HTMLElement {
  const cells = [
    new Date(call.start_time).toLocaleTimeString(),
    call.caller ? `•••• ${call.caller}` : 'withheld',
    nice(call.tracking_phone_number),
    sourceWords(call),
    call.campaign ?? '–',
    call.keyword ?? '–',
    percent(call.confidence),
    howLong(call),
  ];
  return make(
    'tr',
    '',
    ...cells.map((text, at) => {
      const cell = make('td', '', text);
      cell.dataset.name = NAMES[at];
      return cell;
    }),
  );
}

/** The newest calls. What cannot be read now is read after the next call. */
export async function showLog(): Promise<void> {
  const { calls } = await ask<{ calls: DemoListedCall[] }>('calls').catch(() => ({ calls: [] }));
  const table = byId('log');
  table.querySelector('tbody')?.replaceChildren(...calls.map(row));
  table.hidden = calls.length === 0;
  byId('log-empty').hidden = calls.length > 0;
}
