import { createApp } from './app.js';
import { compose } from './compose.js';
import { ConfigError, readConfig } from './config.js';
import { DataDirInUse } from './lib/data-dir.js';
import { createLogger } from './lib/logger.js';

/** How listening fails when PORT or HOST is wrong. */
const LISTENING = new Set(['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN']);

/** Whether it is something that an operator can mend, and so is said in a line without a trace. */
function isTheirs(error: unknown): error is Error {
  if (error instanceof ConfigError || error instanceof DataDirInUse) return true;
  return error instanceof Error && LISTENING.has((error as NodeJS.ErrnoException).code ?? '');
}

function fail(error: unknown): never {
  console.error(isTheirs(error) ? error.message : error);
  process.exit(1);
}

/** Requests that take longer than this to end are cut off when the service stops. */
const STOPPING_MS = 25_000;

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const logger = createLogger(config.LOG_LEVEL);
  // At once: it is kept already, and were the port taken, nobody would ever see it.
  const composed = await compose(config, logger, (key) =>
    process.stdout.write(`Admin key, shown this once: ${key}\n`),
  );
  const { services } = composed;
  const app = await createApp(services, {
    logger,
    trustProxy: config.TRUST_PROXY,
    version: services.snippet.version,
    isAway: composed.isAway,
  });

  let isStopping = false;
  async function stop(signal: string): Promise<void> {
    // A second signal: whoever sends it does not want to wait.
    if (isStopping) process.exit(1);
    isStopping = true;
    logger.info({ signal }, 'stopping');
    composed.stopping();
    // A connection that is kept alive stays open after the last answer on it, and would hold us up until it times out.
    const idle = setInterval(() => app.server.closeIdleConnections(), 100);
    const impatient = setTimeout(() => app.server.closeAllConnections(), STOPPING_MS);
    await app.close();
    clearInterval(idle);
    clearTimeout(impatient);
    await composed.close();
    logger.info('stopped');
    process.exit(0);
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => void stop(signal).catch(fail));

  const address = await app.listen({ port: config.PORT, host: config.HOST }).catch(async (error: unknown) => {
    await composed.close();
    throw error;
  });
  const url = config.PUBLIC_URL ?? address;
  // For people, on top of the log: where to look first.
  const lines = [
    `Service  ${url}`,
    ...(services.demo
      ? [`Demo     ${url}/demo?utm_source=google&utm_medium=cpc&utm_campaign=winter&utm_term=boiler+repair`]
      : []),
    `Docs     ${url}/docs`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

main().catch(fail);
