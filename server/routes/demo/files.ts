import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

export interface Asset {
  type: string;
  text: string;
}

const here = new URL('./', import.meta.url);

/** Styles and scripts by file name. The scripts are TypeScript until they are built. */
export function readAssets(): Map<string, Asset> {
  const folder = new URL('assets/', here);
  const assets = new Map<string, Asset>();
  for (const file of readdirSync(folder)) {
    const type = TYPES[extname(file)];
    if (type) assets.set(file, { type, text: readFileSync(new URL(file, folder), 'utf8') });
  }
  return assets;
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** A page beside this file as a function of what its `{{names}}` stand for; values are escaped. */
export function readPage<Name extends string>(file: string): (values: Record<Name, string>) => string {
  const page = readFileSync(new URL(file, here), 'utf8');
  return (values) =>
    page.replace(/\{\{(\w+)\}\}/g, (_, name: Name) =>
      values[name].replace(/[&<>"]/g, (sign) => ESCAPES[sign] ?? sign),
    );
}
