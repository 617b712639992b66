import { isIP } from 'node:net';
import { z } from 'zod';

/** A number from the environment, where everything is text; `Number(' ')` would be 0. */
const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,10}$/, 'is not a whole number')
    .transform(Number)
    .pipe(z.number().min(min).max(max));

const flag = z.enum(['0', '1', 'false', 'true']).transform((text) => text === '1' || text === 'true');

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);

/** 0: none. */
const limit = whole(0, 1_000_000_000);

/** Names of networks that stand for themselves among the trusted proxies. */
const NETWORKS = ['loopback', 'linklocal', 'uniquelocal'];

/** `192.0.2.1`, `192.0.2.0/24`, `2001:db8::/32`, or one of those names. */
function isProxy(entry: string): boolean {
  if (NETWORKS.includes(entry)) return true;
  const [address = '', bits, ...rest] = entry.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 6 ? 128 : 32));
}

/** Everything that can be configured, by environment variable. README.md says what each is for. */
const schema = z.object({
  PORT: whole(0, 65535).default(3000),
  HOST: z.string().min(1).default('127.0.0.1'),
  /** Where browsers and providers reach us, without a slash at the end. */
  PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .refine((url) => !/[?#]/.test(url), 'is an address without ? and #')
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  DATA_DIR: z.string().min(1).default('./data'),
  /** Room for call events while Postgres is away, in MiB. */
  SPOOL_MB: whole(1, 1_024).default(16),
  /** One server, or some nodes of a cluster. */
  REDIS_URL: z
    .string()
    .refine(
      (list) => list.split(',').every((url) => /^rediss?:/.test(url) && URL.canParse(url)),
      'redis:// or rediss://, or several of the nodes of a cluster, separated by commas',
    )
    .optional(),
  ADMIN_KEY: z
    .string()
    .min(1)
    // As a bearer key no other could be sent.
    .regex(/^[\x21-\x7e]*$/, 'letters, digits and punctuation only, without blanks')
    .optional(),
  DEMO: flag.optional(),
  /**
   * How many proxies are in front, each of which adds the address that it was asked from: what a client claims itself
   * stands before those and is never looked at. Or their addresses and networks.
   */
  TRUST_PROXY: z
    .string()
    .transform((text) => {
      if (text === 'true') return 1;
      if (text === 'false') return 0;
      return /^\d$/.test(text) ? Number(text) : text;
    })
    .refine(
      (given) => typeof given === 'number' || given.split(',').every((entry) => isProxy(entry.trim())),
      'how many proxies are in front (0 to 9), or their addresses and networks separated by commas',
    )
    .default(0),
  /** The header in which the proxy in front says where a browser is, ISO 3166-1 alpha-2: `CF-IPCountry`, say. */
  COUNTRY_HEADER: z
    .string()
    .regex(/^[a-z0-9-]+$/i, 'is not the name of a header')
    .transform((name) => name.toLowerCase())
    .optional(),
  RATE_LIMIT: limit.default(600),
  SITE_RATE_LIMIT: limit.default(60_000),
  LEASE_LIMIT: limit.default(60),
  SITE_LEASE_LIMIT: limit.default(10_000),
  TWILIO_AUTH_TOKEN: list.default([]),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

export type Config = z.infer<typeof schema>;

/** A wrong environment, said in a form that its operator can act on. */
export class ConfigError extends Error {}

/** Reads the configuration once. An empty variable counts as absent. Throws ConfigError naming each wrong one. */
export function readConfig(env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const result = schema.safeParse(given);
  if (!result.success) {
    const lines = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(`The configuration is wrong:\n${lines.join('\n')}`);
  }
  return result.data;
}
