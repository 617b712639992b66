// Builds what runs: the server file by file into dist/ (its .sql and .lua files copied beside the code that reads
// them) and the snippet into one function. `npm start` calls it, so a fresh clone needs no other step.
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
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

await rm(dist, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: [
    ...(await filesBelow(join(root, 'server'), ['.ts', '.sql', '.lua', '.html', '.css'])),
    ...(await filesBelow(join(root, 'shared'), ['.ts'])),
  ],
  outdir: dist,
  outbase: root,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  sourcemap: 'linked',
  loader: { '.sql': 'copy', '.lua': 'copy', '.html': 'copy', '.css': 'copy' },
  logLevel: 'warning',
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
