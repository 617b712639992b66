import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { minify } from 'terser';

const file = (name) => fileURLToPath(new URL(`../snippet/${name}`, import.meta.url));

const bundle = async (name, options) => {
  const { outputFiles } = await build({
    entryPoints: [file(name)],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    ...options,
  });
  return outputFiles[0].text;
};

/** In this order names are given. Found by swapping pairs many thousand times: others are up to 50 bytes more by brotli. */
const NAMES = 'to$aifnAdEwBgMvCrNHP_qcymjTOseXukJplQZbxzhLRWYSKFIDGUV';

const terserOptions = {
  mangle: {
    nth_identifier: { get: (n) => NAMES[n] ?? NAMES[n % NAMES.length] + n },
  },
  ecma: 2022,
  compress: {
    passes: 4,
    pure_getters: true,
    unsafe: true,
    unsafe_arrows: true,
    unsafe_methods: true,
  },
};

/**
 * Bundles the script into the text of one function expression, `c=>{…}`, that takes a SnippetConfig or nothing, and its second file
 * into that of a module. esbuild puts the first together; terser makes it a twentieth smaller than esbuild would.
 */
export async function buildSnippet({ version }) {
  const text = await bundle('main.ts', {
    minifySyntax: true,
    define: { CONFIG: 'c', VERSION: JSON.stringify(version) },
  });
  const { code } = await minify(`_=c=>{${text}}`, terserOptions);
  return {
    code: code.slice(2).replace(/;$/, ''),
    more: await bundle('more.ts', { minify: true }),
  };
}

/**
 * The script as it is served: for one site with its configuration, or with null the versioned file, which reads its script tag.
 * `<` is escaped so that the script may also stand inside a page.
 */
export const serveSnippet = (code, config) =>
  `(${code})(${config ? JSON.stringify(config).replaceAll('<', '\\u003c') : ''});`;

/** The head stub that owners may paste in, for the site whose key is put in the place of `KEY`. */
export async function buildStub() {
  const text = await bundle('stub.ts', { minifySyntax: true, define: { SITE: '"KEY"' } });
  const { code } = await minify(text, terserOptions);
  return code.replace(/;$/, '');
}

/** How many bytes a text is: as it stands, by gzip and by brotli, each at its best. */
export function sizes(text) {
  const raw = Buffer.from(text);
  const brotli = brotliCompressSync(raw, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: raw.length },
  });
  return { raw: raw.length, gzip: gzipSync(raw, { level: 9 }).length, brotli: brotli.length };
}

/** One line a file, for people. */
export function describeSizes(files) {
  return Object.entries(files).map(([name, text]) => {
    const { raw, gzip, brotli } = sizes(text);
    return `${name}: ${raw} bytes, gzip ${gzip}, brotli ${brotli}`;
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const { code, more } = await buildSnippet({ version });
  const lines = describeSizes({
    script: serveSnippet(code, null),
    'second file': more,
    stub: await buildStub(),
  });
  for (const line of lines) console.log(line);
}
