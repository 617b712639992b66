import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { compile } from 'svelte/compiler';

const HERE = fileURLToPath(new URL('.', import.meta.url));

export type Framework = 'react' | 'react-document' | 'vue' | 'preact' | 'svelte';

export interface FrameworkPage {
  /** What the framework writes on the server. */
  html: string;
  /** What takes it over in the browser: expects `{root, target}` as JSON in `#props`, `root` a selector or absent. */
  code: string;
}

const svelte = (generate: 'server' | 'client'): Plugin => ({
  name: 'svelte',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.svelte$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      return { contents: compile(source, { generate, filename: path, dev: false }).js.code };
    }),
});

const bundle = async (code: string, generate: 'server' | 'client'): Promise<string> => {
  const isServer = generate === 'server';
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: HERE, loader: 'ts' },
    bundle: true,
    minify: !isServer,
    write: false,
    platform: isServer ? 'node' : 'browser',
    format: isServer ? 'cjs' : 'iife',
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [svelte(generate)],
    logLevel: 'error',
  });
  return outputFiles[0]!.text;
};

/** Builds the page that shows `target` with a framework, for production, on the server and in the browser. */
export async function buildPage(framework: Framework, target: string): Promise<FrameworkPage> {
  const [server, code] = await Promise.all([
    bundle(`export { render } from './${framework}.ts'`, 'server'),
    bundle(
      `import { hydrate } from './${framework}.ts';
       const { root, target } = JSON.parse(document.querySelector('#props').textContent);
       hydrate(root ? document.querySelector(root) : document, target);`,
      'client',
    ),
  ]);
  const module = { exports: {} as { render: (target: string) => Promise<string> } };
  new Function('module', 'require', server)(module, createRequire(import.meta.url));
  return { html: await module.exports.render(target), code };
}
