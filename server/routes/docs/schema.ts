/** What the document has of JSON Schema, as zod writes it. */
export interface Schema {
  description?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  examples?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
}

/** The types that a schema names itself, `null` included. */
export const typesOf = ({ type }: Schema): string[] => (type === undefined ? [] : [type].flat());

/** The schemas of which a value fits one. */
export const choicesOf = (schema: Schema): Schema[] => schema.anyOf ?? schema.oneOf ?? [];
