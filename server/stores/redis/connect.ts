import { Cluster, Redis, type RedisOptions } from 'ioredis';

/** One server, or several that share the keys. */
export type RedisClient = Redis | Cluster;

const READY_MS = 3_000;

const OPTIONS = { connectTimeout: 2_000, commandTimeout: 2_000, maxRetriesPerRequest: 0 };
const pause = (attempt: number) => Math.min(attempt * 100, 1_000);

/** Several URLs are nodes of one cluster: any of them will do to find the others. */
function open(urls: string[]): RedisClient {
  const [first = ''] = urls;
  if (urls.length === 1) {
    return new Redis(first, { ...OPTIONS, enableOfflineQueue: false, retryStrategy: pause });
  }
  const { username, password, protocol } = new URL(first);
  const redisOptions: RedisOptions = {
    ...OPTIONS,
    ...(username ? { username: decodeURIComponent(username) } : {}),
    ...(password ? { password: decodeURIComponent(password) } : {}),
    ...(protocol === 'rediss:' ? { tls: {} } : {}),
  };
  return new Cluster(urls, {
    redisOptions,
    enableOfflineQueue: false,
    clusterRetryStrategy: pause,
    // A slot on its way to another node, or without one, is asked for so often, 100 ms apart.
    maxRedirections: 5,
  });
}

/**
 * A connection to Redis that answers or fails at once: a visitor does not wait for a store that is away. Resolves when
 * it is ready, or after 3 s without, and goes on trying. `url`: of one server, or of some nodes of a Redis Cluster,
 * separated by commas.
 */
export async function connectRedis(url: string, onError: (error: unknown) => void): Promise<RedisClient> {
  const redis = open(url.split(','));
  redis.on('error', onError);
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, READY_MS);
    redis.once('ready', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  return redis;
}
