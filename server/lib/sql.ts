import { readFileSync } from 'node:fs';

/** The text of a .sql file that lies beside the module: `sqlFile(import.meta.url, './name.sql')`. */
export const sqlFile = (base: string, name: string): string => readFileSync(new URL(name, base), 'utf8');
