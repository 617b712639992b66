/** The values of a statement while its text is put together: `add` keeps one and returns its mark, `$1` and so on. */
export interface Parameters {
  values: unknown[];
  add: (value: unknown) => string;
}

export function parameters(): Parameters {
  const values: unknown[] = [];
  return { values, add: (value) => `$${values.push(value)}` };
}
