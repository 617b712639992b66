import { z } from 'zod';

const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));

/** A currency by its ISO 4217 code. */
export const currency = z
  .string()
  .transform((code) => code.toUpperCase())
  .refine((code) => CURRENCIES.has(code), { message: 'is not a currency of ISO 4217, like USD' });
