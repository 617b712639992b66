/** What a page or the service may call a number. */
export const E164 = /^\+[1-9]\d{6,14}$/;

// Country codes have one or two of these digits, else three.
const COUNTRY = /^.([17]|2[07]|3[^578]|4[^2]|5[^09]|6[^7-9]|8[1246]|9[^679]|...)(.*)/;

/** An E.164 number apart: itself, country code, and the digits after it. */
export const split = (number: string): string[] => COUNTRY.exec(number) as string[];

/** What people put before the digits inside a country, unless it is 0. */
export const TRUNKS: Record<string, string> = { 1: '', 7: '8', 36: '06', 375: '80' };
