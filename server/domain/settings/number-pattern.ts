import { hash } from 'node:crypto';
import { type Dialled, dialled } from '../../lib/dialling.js';
import { createMemo } from '../../lib/memo.js';

/** What the script looks for in a page: see `numberPattern`. */
export interface NumberPattern {
  /** E.164. */
  targets: string[];
  /** Source of a regular expression for the flags `gi`. */
  pattern: string;
  /** Source of a regular expression without flags, for digits, letters or not between them: the last four of each target. */
  hint: string;
}

const DIGIT = '[\\d０-９]';

/**
 * What people put between digits: spaces of all kinds, dots, slashes, hyphens, brackets, zero-width and direction marks, full-width
 * ones too, and in links %20. No apostrophes: they are for thousands. The script puts one U+0000 between texts that
 * may go on, two where a line ends.
 */
const SEPARATOR = '(?:[\\s\\xad·\\u2000-―•-\\u206f−∙・ー﹣（）－-／［］()[\\].\\/-]|%20|\\0(?!\\0))';

/** Unlimited, because source text is often indented between two digits. Never two in a row: that would take square time. */
const BETWEEN = `${SEPARATOR}*`;

const PLUS = '(?:[+＋]|%2B)';
const HYPHEN = '[-‐-―]';

/**
 * Latin and Cyrillic: Japanese and others write no space before a number, so they are not among them. Ranges and no
 * `\p{…}`, because that needs the flag `u`, with which browsers take three times as long to compile the whole.
 */
const LETTER = 'a-zªºÀ-ÖØ-öø-ʸЀ-ԯḀ-ỿＡ-Ｚａ-ｚ';
const CURRENCY = '$¢-¥؋฿₠-\\u20cf﷼＄￠￡￥￦';

/** A link, up to what follows its number. */
const LINK = '^(?:tel|sms):[^?,;&#\\0]{0,99}';

/** Words before numbers that nobody can call. */
const OTHER_NUMBERS = 'isbn|ean|gtin|abn|acn|iva|vat|iban|imei|sku|mpn|sn|siret|cnpj|cpf|инн';

/** Told before all else, because most of a page is letters. */
const BEGINS = '(?=[\\d０-９+＋%])';

/**
 * Directly before a number stands no digit, not even with a hyphen or point between, no letter, no sign of a price or an order
 * number; but a comma may part two numbers, and `Tel` touch one.
 */
const FREE_BEFORE =
  `(?:(?<=%20|(?<![${LETTER}])(?:tel|phone|fax|тел)[-.]?)` +
  `|(?<![${LETTER}\\d０-９_${CURRENCY}№=#＃@%+＋]|${DIGIT}[.-]|(?<!${DIGIT}{3})${DIGIT},|(?<![^\\s\\0])\\.|[${LETTER}]-` +
  `|(?<![^\\0])${DIGIT}{1,3}\\0))`;

/** Cheap to tell of most digits in a page, so it comes before what is dear. */
const LONG_ENOUGH = `(?=(?:${PLUS}${BETWEEN})?${DIGIT}(?:(?:xx)?${BETWEEN}${DIGIT}){5})`;

/** Before a number without a plus: another country's code, a price, a card's groups of four, a word for another number. */
const NOT_ANOTHERS =
  `(?:(?=[+＋%])|(?<!(?:[+＋]|(?<!${DIGIT}${SEPARATOR}{0,2}|[:.,])(?:00|0?011)${SEPARATOR}?[1-9])(?:${DIGIT}|${SEPARATOR}){0,9}` +
  `|[${CURRENCY}№]\\s|\\d{4}\\s\\d{4}\\s|(?<![${LETTER}])(?:${OTHER_NUMBERS})[\\s:.#№]{0,3}[\\d\\s-]{0,8}))`;

/** A decimal fraction, or a network address of as many digits as a long number. */
const NOT_COUNTED = '(?!(?:0|[1-9]\\d?)\\.\\d{6}|\\d{3}\\.\\d\\d\\d?\\.\\d\\d\\d?\\.\\d{3}(?![\\d.]))';

const FILE =
  '(?:[xs]?html?|php|aspx?|jsp|jpe?g|png|gif|svg|webp|avif|pdf|docx?|xlsx?|csv|txt|zip|mp[34]|js|css)';
const UNIT = '(?:zł|руб|грн|eur|usd|gbp|pln|rub|uah|jpy)';

/**
 * Behind it the same; but `x` and `ext` begin an extension, and two digits after a slash may begin the next number. In a link
 * anything may follow that is no digit: it is dialled later, or never.
 */
const FREE_BEHIND =
  `(?!${HYPHEN}?${DIGIT})(?:(?<=${LINK})|(?!` +
  [
    `\\0${DIGIT}{1,3}(?![^\\0])`,
    '[.,/]\\d\\d?(?![\\s.]?\\d)',
    '\\/20\\d\\d(?!\\d)',
    ':\\d',
    `\\s?[${CURRENCY}%％‰@°円号]`,
    `\\s?${UNIT}(?![${LETTER}])`,
    `-?(?!e?xt?)[${LETTER}_]`,
    '[\\w.+-]{1,64}@',
    `\\.${FILE}(?![${LETTER}])`,
  ].join('|') +
  '))';

/** Not in an address of the web, nor in a link by a name that only begins like `tel:`, nor behind a link's first number. */
const NOT_IN_ADDRESS =
  `(?<!(?:(?<!^(?:tel|sms):)\\/\\/|www\\.|\\.[a-z]{2,9}\\/|^(?:tel|sms)(?!:)[^\\s:]{0,99})[^\\s\\0]{0,99}` +
  `|${LINK}[?,;&#][^\\0]{0,999})`;

const apart = (e164: string): Dialled => {
  const known = dialled(e164);
  if (known) return known;
  const countryCode = /^\+([17]|..)/.exec(e164)?.[1] ?? '';
  return { countryCode, nationalPrefix: '0', nationalNumber: e164.slice(1 + countryCode.length) };
};

const eitherWidth = (digit: string): string =>
  `[${digit}${String.fromCharCode(digit.charCodeAt(0) + 0xfee0)}]`;

const spread = (digits: string): string => [...digits].map(eitherWidth).join(BETWEEN);

/** Nothing, or digits with what follows them up to the next. In Brazil `xx` stands for the carrier's code. */
const prefix = (digits: string): string => (digits === '' ? '' : `(?:${spread(digits)}(?:xx)?${BETWEEN})?`);

/** Whatever stands before the digits that are dialled within a country. */
function before({ countryCode, nationalPrefix }: Dialled): string {
  // Where none is dialled today, a 0 often was.
  const national = nationalPrefix === countryCode ? '' : prefix(nationalPrefix || '0');
  const abroad = `(?:(?:${PLUS}|00|0?011|００)${BETWEEN})?${spread(countryCode)}${BETWEEN}`;
  // Somebody who writes no code of theirs may well write America's.
  const bare = countryCode === '1' ? '' : '(?<!(?<![\\d０-９:.,])1[\\s(-]{1,2})';
  return `(?:${abroad}${national}|${bare}${national})`;
}

/** Parting them makes the pattern longer, so few are tried one by one. */
const FEW = 20;

/**
 * One group for each of some digits (sorted, of one length). Many are parted by how they begin, so that not each is tried on its own;
 * `depth`: how many digits all begin with.
 */
function oneOf(numbers: string[], depth = 0): string {
  const [first = ''] = numbers;
  if (numbers.length <= FEW) return numbers.map((digits) => `(${spread(digits)})`).join('|');
  const begins = [...new Set(numbers.map((digits) => digits.slice(0, depth + 1)))];
  if (begins.length === 1 && depth < first.length) return oneOf(numbers, depth + 1);
  return begins
    .map((start) => {
      const those = numbers.filter((digits) => digits.startsWith(start));
      return `(?=${spread(start)})(?:${oneOf(those, depth + 1)})`;
    })
    .join('|');
}

/** Past several thousand, browsers refuse a pattern as too large. */
const MAX_TARGETS = 500;

function compile(numbers: string[]): NumberPattern {
  const known = numbers.slice(0, MAX_TARGETS).map((e164) => ({ e164, ...apart(e164) }));
  known.sort((a, b) => b.nationalNumber.length - a.nationalNumber.length || (a.e164 < b.e164 ? -1 : 1));
  const targets = known.map(({ e164 }) => e164);
  if (known.length === 0) return { targets, pattern: '(?!)', hint: '(?!)' };
  // Neighbours in the list that are dialled alike share what stands before them.
  const runs: { start: string; digits: string[] }[] = [];
  for (const number of known) {
    const start = before(number);
    const digits = number.nationalNumber;
    const run = runs.at(-1);
    if (run?.start === start && run.digits[0]?.length === digits.length) run.digits.push(digits);
    else runs.push({ start, digits: [digits] });
  }
  const any = runs.map(({ start, digits }) => `${start}(?:${oneOf(digits)})`).join('|');
  const checks = BEGINS + FREE_BEFORE + LONG_ENOUGH + NOT_ANOTHERS + NOT_COUNTED;
  return { targets, pattern: `${checks}(?:${any})${FREE_BEHIND}${NOT_IN_ADDRESS}`, hint: lastFour(targets) };
}

/** Cheap to tell of a text, and true of each that has one of the numbers. */
const lastFour = (numbers: string[]): string =>
  [...new Set(numbers.map((e164) => [...e164.slice(-4)].map(eitherWidth).join('\\D*')))].join('|');

/** For page views and whenever the script is asked for. Few, because the longest has some hundred thousand characters. */
const compiled = createMemo<NumberPattern>(200);

/**
 * What finds known numbers (E.164) in a text, with or without country code or national prefix. Its nth group is the nth of
 * `targets`: the national digits with what stands between them. The longest are first, because one may begin like another.
 * Of more than 500 the first.
 */
export const numberPattern = (numbers: string[]): NumberPattern =>
  compiled(hash('sha256', numbers.join(), 'base64url'), () => compile(numbers));
