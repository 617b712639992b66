import { LEFT_OUT, VALUES } from './example-values.js';
import { choicesOf, type Schema, typesOf } from './schema.js';

/** Whether a value of ours is one of the schema, as far as it is not looked into. */
function fits(value: unknown, schema: Schema): boolean {
  const choices = choicesOf(schema);
  if (choices.length > 0) return choices.some((choice) => fits(value, choice));
  if (schema.const !== undefined) return schema.const === value;
  if (schema.enum) return schema.enum.includes(value);
  const types = typesOf(schema);
  if (value === null) return types.length === 0 || types.includes('null');
  if (types.length === 0) return true;
  if (Array.isArray(value)) {
    return types.includes('array') && value.every((item) => fits(item, schema.items ?? {}));
  }
  if (typeof value === 'object') return types.includes('object') && schema.properties === undefined;
  if (typeof value === 'number') {
    return types.includes('number') || (types.includes('integer') && Number.isInteger(value));
  }
  return types.includes(typeof value);
}

/** Stands where nobody said what a text is; a test asks for something better. */
const ANY_TEXT = 'text';
const BY_TYPE: Record<string, unknown> = {
  string: ANY_TEXT,
  integer: 1,
  number: 1,
  boolean: true,
  null: null,
};

/**
 * An example of a schema: its own, or what its field is called says what stands there (example-values.ts).
 * The same for requests and answers, so that they fit together.
 */
export function exampleOf(schema: Schema, name: string, parent = ''): unknown {
  if (schema.examples) return schema.examples[0];
  for (const key of [`${parent}.${name}`, name]) {
    const found = (VALUES[key] ?? []).find((value) => fits(value, schema));
    if (found !== undefined) return found;
  }
  const [choice] = choicesOf(schema).filter((one) => !typesOf(one).includes('null'));
  if (choice) return exampleOf(choice, name, parent);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.properties) {
    const shown = Object.entries(schema.properties).filter(
      ([field]) => schema.required?.includes(field) || !LEFT_OUT.has(`${name}.${field}`),
    );
    return Object.fromEntries(shown.map(([field, of]) => [field, exampleOf(of, field, name)]));
  }
  if (schema.items) return [exampleOf(schema.items, name, parent)];
  const [type = 'object'] = typesOf(schema);
  return type in BY_TYPE ? BY_TYPE[type] : {};
}
