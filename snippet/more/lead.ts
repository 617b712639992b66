import type { LeadDetails } from '../../shared/events.js';
import type { Core } from './core.js';

/** By Luhn's formula (ISO/IEC 7812-1): the number of a card. */
function isCard(value: string): boolean {
  const digits = value.replace(/[\s-]/g, '');
  if (!/^\d{13,19}$/.test(digits)) return false;
  const sum = [...digits].reverse().reduce((total, digit, i) => {
    const twice = +digit * (i % 2 ? 2 : 1);
    return total + (twice > 9 ? twice - 9 : twice);
  }, 0);
  return sum % 10 === 0;
}

/**
 * What a form says in the fields that its owner named in `data-dni-lead`, as `email` or, where the field has another name, `email=your-mail`. Name, phone and
 * email are told as such. Never a password, nor what looks like a card.
 */
export function readLead(form: HTMLFormElement): LeadDetails | null {
  const lead: LeadDetails = {};
  for (const pair of (form.dataset.dniLead ?? '').split(/[\s,;]+/).filter(Boolean)) {
    const [as = '', name = as] = pair.split('=');
    const field = form.elements.namedItem(name);
    const value = (field as HTMLInputElement | RadioNodeList | null)?.value?.trim();
    const { type, autocomplete } = (field ?? {}) as Partial<HTMLInputElement>;
    if (!value || type === 'password' || autocomplete?.includes('cc-') || isCard(value)) continue;
    // An unchecked box has a value too.
    if (type === 'checkbox' && !(field as HTMLInputElement).checked) continue;
    if (as === 'name' || as === 'phone' || as === 'email')
      lead[as] = value.slice(0, as === 'phone' ? 64 : 200);
    else (lead.fields ??= {})[as] = value.slice(0, 2_000);
  }
  return Object.keys(lead).length ? lead : null;
}

/** Tells the lead when a form that is marked so is sent. */
export function watchForms({ send }: Core): void {
  document.addEventListener(
    'submit',
    ({ target }) => {
      const lead = (target as Element).matches('[data-dni-lead]') && readLead(target as HTMLFormElement);
      if (lead) send('lead', { lead });
    },
    true,
  );
}
