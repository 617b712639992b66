import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const MAIN = fileURLToPath(new URL('../snippet/main.ts', import.meta.url));

/**
 * Bundles the snippet into the text of one function expression, `c=>{…}`, that takes a SnippetConfig or nothing.
 * esbuild takes CONFIG for a global named as the parameter, and so gives that name to nothing else.
 */
export async function buildSnippet({ version }) {
  const { outputFiles } = await build({
    entryPoints: [MAIN],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2021',
    charset: 'utf8',
    legalComments: 'none',
    define: { CONFIG: 'c', VERSION: JSON.stringify(version) },
  });
  return { code: `c=>{${outputFiles[0].text.trim()}}` };
}

/**
 * The script as it is served: for one site with its configuration, or with null the versioned file, which reads its script tag.
 * `<` is escaped so that the script may also stand inside a page.
 */
export const serveSnippet = (code, config) =>
  `(${code})(${config ? JSON.stringify(config).replaceAll('<', '\\u003c') : ''});`;

/** How many bytes a text is: as it stands, by gzip and by brotli, each at its best. */
export function sizes(text) {
  const raw = Buffer.from(text);
  const brotli = brotliCompressSync(raw, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: raw.length },
  });
  return { raw: raw.length, gzip: gzipSync(raw, { level: 9 }).length, brotli: brotli.length };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const { code } = await buildSnippet({ version });
  const { raw, gzip, brotli } = sizes(serveSnippet(code, null));
  console.log(`snippet ${version}: ${raw} bytes, gzip ${gzip}, brotli ${brotli}`);
}
