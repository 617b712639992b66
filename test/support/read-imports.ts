import { parseAst } from 'vitest/node';

/** One import of a file. `specifier` is null for a dynamic import of something computed. */
export interface FileImport {
  specifier: string | null;
  /** type: gone when the program runs. */
  kind: 'value' | 'type';
}

interface Node {
  type: string;
  [field: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';

const literal = (value: unknown): string | null =>
  isNode(value) && typeof value.value === 'string' ? value.value : null;

/**
 * Every import of a source: static, exported from, dynamic, and in types. `import { type A }` counts as a value: the
 * module is loaded when the program runs (verbatimModuleSyntax).
 */
export function readImports(source: string, file: string): FileImport[] {
  const found: FileImport[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const item of value) visit(item);
      return;
    }
    if (!isNode(value)) return;
    const imported = importOf(value);
    if (imported) found.push(imported);
    for (const field of Object.values(value)) visit(field);
  };
  visit(parse(source, file));
  return found;
}

function parse(source: string, file: string): unknown {
  try {
    return parseAst(source, { lang: file.endsWith('.ts') ? 'ts' : 'js' }, file);
  } catch (error) {
    throw new Error(`${file} cannot be read: ${(error as Error).message}`);
  }
}

function importOf(node: Node): FileImport | null {
  switch (node.type) {
    case 'ImportDeclaration':
      return { specifier: literal(node.source), kind: node.importKind === 'type' ? 'type' : 'value' };
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      if (!node.source) return null;
      return { specifier: literal(node.source), kind: node.exportKind === 'type' ? 'type' : 'value' };
    case 'ImportExpression':
      return { specifier: literal(node.source), kind: 'value' };
    case 'TSImportType':
      return { specifier: literal(node.source), kind: 'type' };
    case 'TSExternalModuleReference':
      return { specifier: literal(node.expression), kind: 'value' };
    default:
      return null;
  }
}
