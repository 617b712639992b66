import { posix } from 'node:path';
import type { FileImport } from './read-imports.js';

/** The layers of the code; what a file belongs to is told by where it lies. */
type Layer =
  | 'shared'
  | 'snippet'
  | 'lib'
  | 'stores'
  | 'providers'
  | 'domain'
  | 'routes'
  | 'app'
  | 'compose'
  | 'main'
  | 'scripts';

/** The first pattern that fits. What fits none has no place, and may neither import nor be imported. */
const PLACES: [RegExp, Layer][] = [
  [/^shared\//, 'shared'],
  [/^snippet\//, 'snippet'],
  [/^server\/lib\//, 'lib'],
  [/^server\/config\.[jt]s$/, 'lib'],
  [/^server\/stores\//, 'stores'],
  [/^server\/providers\//, 'providers'],
  [/^server\/domain\//, 'domain'],
  [/^server\/routes\//, 'routes'],
  [/^server\/app\.[jt]s$/, 'app'],
  [/^server\/compose(\/|\.[jt]s$)/, 'compose'],
  [/^server\/main\.[jt]s$/, 'main'],
  [/^scripts\//, 'scripts'],
];

interface Rule {
  /** What it may import, itself aside. */
  values: Layer[];
  /** What it may import types of, beside those. */
  types?: Layer[];
  /** Whether it may import packages and Node's own modules. */
  packages: boolean;
}

const RULES: Record<Layer, Rule> = {
  shared: { values: [], packages: false },
  snippet: { values: ['shared'], packages: false },
  lib: { values: ['shared'], packages: true },
  stores: { values: ['lib', 'shared'], packages: true },
  providers: { values: ['lib', 'shared'], packages: true },
  domain: { values: ['lib', 'shared'], types: ['stores', 'providers'], packages: true },
  routes: { values: ['domain', 'lib', 'shared'], types: ['stores', 'providers'], packages: true },
  app: {
    values: ['routes', 'domain', 'lib', 'shared'],
    types: ['stores', 'providers', 'compose'],
    packages: true,
  },
  // Alone chooses implementations.
  compose: { values: ['app', 'routes', 'domain', 'stores', 'providers', 'lib', 'shared'], packages: true },
  main: {
    values: ['compose', 'app', 'lib', 'shared'],
    types: ['routes', 'domain', 'stores', 'providers'],
    packages: true,
  },
  scripts: {
    values: ['main', 'compose', 'app', 'routes', 'domain', 'stores', 'providers', 'lib', 'shared'],
    packages: true,
  },
};

/** Path from the repository's root → its imports. */
export type ImportMap = Map<string, FileImport[]>;

const layerOf = (path: string): Layer | undefined => PLACES.find(([pattern]) => pattern.test(path))?.[1];

const isRelative = (specifier: string): boolean =>
  /^\.{0,2}\//.test(specifier) || /^\.{1,2}$/.test(specifier);

/** The file that a relative import means. TypeScript's sources name each other as .js. */
function resolve(file: string, specifier: string, files: ImportMap): string {
  const path = posix.join(posix.dirname(file), specifier);
  const typescript = path.replace(/\.js$/, '.ts');
  return files.has(typescript) ? typescript : path;
}

/** Every import that runs against the direction of the layers, as `file: why`. */
export function forbiddenImports(files: ImportMap): string[] {
  const wrong: string[] = [];
  for (const [file, imports] of files) {
    const layer = layerOf(file);
    if (!layer) {
      wrong.push(`${file}: has no place among the layers`);
      continue;
    }
    for (const { specifier, kind } of imports) {
      const why = objection(file, layer, specifier, kind, files);
      if (why) wrong.push(`${file}: ${why}`);
    }
  }
  return wrong;
}

function objection(
  file: string,
  layer: Layer,
  specifier: string | null,
  kind: FileImport['kind'],
  files: ImportMap,
): string | null {
  const { values, types = [], packages } = RULES[layer];
  if (specifier === null) {
    // The script's second file, by its address.
    return file === 'snippet/load-more.ts' ? null : 'imports something computed, which no test can follow';
  }
  if (!isRelative(specifier)) return packages ? null : `${layer} may not import the package ${specifier}`;
  const path = resolve(file, specifier, files);
  const target = layerOf(path);
  if (!target) return `may not import ${path}, which has no place among the layers`;
  if (target === layer || values.includes(target)) return null;
  if (types.includes(target)) {
    return kind === 'type' ? null : `${layer} may import types of ${target} only, not the value of ${path}`;
  }
  return `${layer} may not import ${target} (${path})`;
}

/** Every cycle among the files, types included, as `a → b → a`; each once. */
export function importCycles(files: ImportMap): string[] {
  const cycles: string[] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (file: string): void => {
    const start = trail.indexOf(file);
    if (start >= 0) {
      cycles.push([...trail.slice(start), file].join(' → '));
      return;
    }
    if (done.has(file)) return;
    trail.push(file);
    for (const { specifier } of files.get(file) ?? []) {
      if (specifier && isRelative(specifier)) visit(resolve(file, specifier, files));
    }
    trail.pop();
    done.add(file);
  };
  for (const file of files.keys()) visit(file);
  return cycles;
}
