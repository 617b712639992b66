import type { DemoCall, DemoCandidate, DemoReason, DemoSource } from '../wire.js';
import { byId, make } from './dom.js';
import { methodWords, percent, reasonWords, sourceWords } from './words.js';

const NOBODY = 'Nobody we know of';

/** A share as a bar, beside its number in words. */
function bar(share: number): HTMLElement {
  const element = make('progress', '') as HTMLProgressElement;
  element.value = share;
  element.setAttribute('aria-hidden', 'true');
  return element;
}

function who(candidate: DemoCandidate, here: string | null): string {
  if (!candidate.session) {
    const isSource = candidate.reasons.some(({ code }) => code === 'source_tracker');
    return isSource ? 'Whoever came by that source' : NOBODY;
  }
  const { campaign } = candidate.session;
  const source = sourceWords(candidate.session) + (campaign ? `, ${campaign}` : '');
  return candidate.session_id === here ? `This visit: ${source}` : `Another visit: ${source}`;
}

const candidateRow = (candidate: DemoCandidate, here: string | null): HTMLElement =>
  make(
    'li',
    '',
    make('span', '', who(candidate, here)),
    make('b', '', percent(candidate.probability)),
    bar(candidate.probability),
  );

const list = (reasons: DemoReason[]): HTMLElement =>
  make('ul', 'reasons', ...reasons.map((reason) => make('li', '', reasonWords(reason))));

function campaignWords({ campaign, keyword }: DemoSource): string {
  const parts = [campaign && `campaign ${campaign}`, keyword && `keyword “${keyword}”`];
  return parts.filter(Boolean).join(' · ') || 'no campaign';
}

function headline({ attribution, session }: DemoCall): HTMLElement[] {
  if (attribution.method === 'source') return [make('p', 'source', 'The source that the number stands for')];
  if (!session) {
    return [
      make('p', 'source', NOBODY),
      make('p', 'soft', 'Rather than guess, the call is reported as unknown.'),
    ];
  }
  const sure = make('b', '', percent(attribution.confidence));
  return [
    make('p', 'source', sourceWords(session)),
    make('p', 'soft', campaignWords(session)),
    make('p', 'sure', sure, ` sure, ${methodWords(attribution.method)}`),
    bar(attribution.confidence),
  ];
}

/** Shows whose call it was, how sure that is, and why. `here`: the session in the frame. */
export function showVerdict(call: DemoCall, here: string | null): void {
  const { reasons, candidates } = call.attribution;
  byId('verdict').replaceChildren(
    make('p', 'over', 'The call came from'),
    ...headline(call),
    make('h3', '', 'Why'),
    list(reasons),
    make('h3', '', 'Who it may have been'),
    make('ol', 'candidates', ...candidates.map((candidate) => candidateRow(candidate, here))),
  );
}
