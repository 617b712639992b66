/** A value as it arrives after JSON: dates are texts. */
export type Json<T> = T extends Date
  ? string
  : T extends (infer E)[]
    ? Json<E>[]
    : T extends object
      ? { [K in keyof T]: Json<T[K]> }
      : T;

/** Says to the compiler what JSON.stringify will do to the dates in an answer. */
export const asJson = <T>(value: T): Json<T> => value as Json<T>;

/** Whether a parsed value is nested deeper than so many levels. JSON.parse takes any depth; what comes after does not. */
export const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1)));
