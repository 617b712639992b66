import helmet from '@fastify/helmet';
import fastify, { type FastifyRequest, type FastifyServerOptions, LogController } from 'fastify';
import { jsonSchemaTransform, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import { isPrivate } from './lib/address.js';
import { Problem } from './lib/errors.js';
import { newId } from './lib/ids.js';
import { maskPhones } from './lib/phone.js';
import type { App } from './routes/app-types.js';
import { readBodies } from './routes/bodies.js';
import { registerDocs } from './routes/docs/docs.js';
import { problemOf, sendProblem } from './routes/errors.js';
import { registerRoutes } from './routes/index.js';
import type { Services } from './routes/services.js';

export interface AppOptions {
  logger: Logger;
  /** How many proxies are in front, or the addresses and networks of those that are. */
  trustProxy: number | string;
  version: string;
  /** Tells a store that is away from a fault of ours. */
  isAway: (error: unknown) => boolean;
}

/** Whom Fastify believes about the client's address; it takes no count of proxies by itself. */
function trusted(proxies: AppOptions['trustProxy']): FastifyServerOptions['trustProxy'] {
  if (typeof proxies === 'string') return proxies;
  return proxies === 0 ? false : (_address, hop) => hop < proxies;
}

/** Says once that a proxy in front is not trusted: all visitors who come through it count as one address. */
function warnOfProxy(app: App, logger: Logger): void {
  let isWarned = false;
  app.addHook('onRequest', ({ ip, headers }, _reply, done) => {
    if (!isWarned && headers['x-forwarded-for'] !== undefined && isPrivate(ip)) {
      isWarned = true;
      logger.warn('requests come through a proxy, and limits count them as one address: set TRUST_PROXY');
    }
    done();
  });
}

/** The HTTP application, not yet listening. */
export async function createApp(services: Services, options: AppOptions): Promise<App> {
  const { logger } = options;
  const logRequest = ({ id, method, url }: FastifyRequest, status: number, ms: number) => {
    if (!logger.isLevelEnabled('info')) return;
    logger.info(
      { id, method, url: maskPhones(url.slice(0, 512)), status, ms: Math.round(ms * 10) / 10 },
      'request',
    );
  };
  const app = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    // Every line of ours names its request itself.
    childLoggerFactory: (parent) => parent,
    genReqId: () => newId(),
    trustProxy: trusted(options.trustProxy),
    bodyLimit: 64 * 1024,
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    forceCloseConnections: 'idle',
    // What still comes in on an open connection while we stop is answered as ever: it may be a call.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 256 },
    // An address that cannot be decoded: no hook sees the request.
    frameworkErrors: (error, request, reply) => {
      const problem = problemOf(error, options.isAway);
      sendProblem(request, reply.header('x-request-id', request.id), problem);
      logRequest(request, problem.status, reply.elapsedTime);
    },
  }).withTypeProvider<ZodTypeProvider>() as unknown as App;

  app.setValidatorCompiler(validatorCompiler);
  // Replies are typed where they are made; checking each again at run time would only cost.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.decorateRequest('access');
  app.decorateRequest('rawBody', null);
  app.decorateRequest('sent', null);
  app.decorateRequest('lines', null);
  readBodies(app);

  await app.register(helmet, {
    // The script and its events are for other sites' pages; the pages of our own set their policies themselves.
    crossOriginResourcePolicy: { policy: 'cross-origin' },
    contentSecurityPolicy: false,
  });
  await registerDocs(app, {
    version: options.version,
    publicUrl: services.publicUrl,
    transform: jsonSchemaTransform,
  });

  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  if (options.trustProxy === 0) warnOfProxy(app, logger);
  app.addHook('onResponse', (request, reply, done) => {
    const ms = reply.elapsedTime;
    services.metrics.request(request.method, request.routeOptions.url ?? 'none', reply.statusCode, ms);
    logRequest(request, reply.statusCode, ms);
    done();
  });
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error, options.isAway);
    if (problem.status >= 500) logger.error({ id: request.id, err: error }, problem.code);
    return sendProblem(request, reply, problem);
  });
  app.setNotFoundHandler((request, reply) =>
    sendProblem(request, reply, new Problem('not_found', 'There is nothing at this address.')),
  );

  registerRoutes(app, services);
  return app;
}
