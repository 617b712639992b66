// Builds what runs: the server as one file into dist/ (its .sql and .lua files where the code that reads them lies in
// server/) and the snippet into one function. `npm start` calls it, so a fresh clone needs no other step.
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildSnippet, buildStub, describeSizes, serveSnippet } from './build-snippet.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

/** The files below a folder whose ending is one of those given. */
async function filesBelow(folder, endings) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && endings.includes(extname(entry.name)))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Tells a module of ours its address as if it were not bundled: it finds by that what lies beside it. */
const addresses = {
  name: 'addresses',
  setup({ onLoad }) {
    onLoad({ filter: /[/\\]server[/\\].*\.ts$/ }, async ({ path }) => {
      if (!path.startsWith(join(root, 'server'))) return;
      const name = relative(join(root, 'server'), path).replaceAll('\\', '/').replace(/ts$/, 'js');
      const source = await readFile(path, 'utf8');
      const address = `new URL('./${name}', import.meta.url).href`;
      return { contents: source.replaceAll('import.meta.url', address), loader: 'ts' };
    });
  },
};

await rm(dist, { recursive: true, force: true });
const options = {
  absWorkingDir: root,
  outdir: dist,
  outbase: root,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  sourcemap: 'linked',
  logLevel: 'warning',
};
await build({
  ...options,
  entryPoints: [
    ...(await filesBelow(join(root, 'server'), ['.sql', '.lua', '.html', '.css'])),
    ...(await filesBelow(join(root, 'server/routes/demo/assets'), ['.ts'])),
  ],
  loader: { '.sql': 'copy', '.lua': 'copy', '.html': 'copy', '.css': 'copy' },
});
// In one file, packages too: half of what a start takes is to find and read a thousand.
await build({
  ...options,
  entryPoints: [join(root, 'server/main.ts')],
  bundle: true,
  sourcesContent: false,
  // They read files of their own, or are needed by those that do.
  external: ['@electric-sql/*', '@fastify/swagger', '@fastify/swagger-ui', 'node-pg-migrate', 'pg', 'pino'],
  plugins: [addresses],
  // For packages that are CommonJS.
  define: { __dirname: 'import.meta.dirname' },
  banner: {
    js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
  },
});
await cp(join(root, 'migrations'), join(dist, 'migrations'), { recursive: true });
await mkdir(join(dist, 'snippet'), { recursive: true });
const { code, more } = await buildSnippet({ version });
await writeFile(join(dist, 'snippet', 'dni.js'), code);
await writeFile(join(dist, 'snippet', 'more.js'), more);
const stub = await buildStub();
await writeFile(join(dist, 'snippet', 'stub.js'), stub);
for (const line of describeSizes({
  script: serveSnippet(code, null),
  'second file': more,
  'head stub': stub,
})) {
  console.log(line);
}
await writeFile(join(dist, 'snippet', 'version.txt'), version);
