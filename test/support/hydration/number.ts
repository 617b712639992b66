/** What stands around and between the three groups of a North American number. */
export type Style = readonly [string, string, string];

export const BRACKETED: Style = ['(', ') ', '-'];
export const DOTTED: Style = ['', '.', '.'];

/** A North American number in E.164 as a list of texts, which a framework writes as a text node each. */
export const partsOf = (number: string, [before, between, behind]: Style): string[] => [
  before,
  number.slice(2, 5),
  between,
  number.slice(5, 8),
  behind,
  number.slice(8),
];

/** The same as one text. */
export const written = (number: string, style: Style): string => partsOf(number, style).join('');

/** To be called by each page when its framework has taken it over. */
export function hydrated(): void {
  Object.assign(window, { hydrated: true });
  dispatchEvent(new Event('hydrated'));
}
