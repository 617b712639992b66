import { fileURLToPath } from 'node:url';

/** The built server. */
export const MAIN = fileURLToPath(new URL('../../../dist/server/main.js', import.meta.url));
