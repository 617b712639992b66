import { chownSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { findPostgres } from './find.mjs';
import { freePort } from './free-port.mjs';
import { runQuietly, start } from './processes.mjs';
import { unprivileged } from './unprivileged.mjs';
import { waitUntil } from './wait.mjs';

/** Whether a Postgres server answers there. */
export async function postgresAnswers(url) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  // A server that is starting may hang up outside of a query.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * Makes a Postgres of our own, everything it writes below `folder`; `start()` starts it, also after it was stopped or
 * killed. `url` is a superuser's. `more` are settings, as `name=value`.
 */
export async function makePostgres(folder, more = []) {
  const bin = findPostgres();
  const user = unprivileged();
  const home = join(folder, 'postgres');
  mkdirSync(home, { mode: 0o700 });
  if (user.uid !== undefined) chownSync(home, user.uid, user.gid);
  const data = join(home, 'data');
  const options = { ...user, cwd: home };

  const made = await runQuietly(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale'],
    options,
  );
  if (made.code !== 0) throw new Error(`initdb failed:\n${made.output}`);

  const port = await freePort();
  const log = join(folder, 'postgres.log');
  const output = openSync(log, 'a');
  const settings = [
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${home}`,
    'max_connections=200',
    ...more,
  ];
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  return {
    url,
    /** Resolves with the server's process when it answers. */
    async start() {
      const child = start(
        join(bin, 'postgres'),
        ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
        { ...options, stdio: ['ignore', output, output] },
      );
      await waitUntil(() => postgresAnswers(url), child, 'Postgres', log);
      return child;
    },
  };
}

/** Starts what makePostgres() makes. Returns a superuser's URL. */
export async function startPostgres(folder, more = []) {
  const postgres = await makePostgres(folder, more);
  await postgres.start();
  return postgres.url;
}
