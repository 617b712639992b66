import { z } from 'zod';

/** A number from the environment, where everything is text. */
const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max);

const flag = z.enum(['0', '1', 'false', 'true']).transform((text) => text === '1' || text === 'true');

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);

/** Everything that can be configured, by environment variable. README.md says what each is for. */
const schema = z.object({
  PORT: whole(0, 65535).default(3000),
  HOST: z.string().min(1).default('127.0.0.1'),
  /** Where browsers and providers reach us, without a slash at the end. */
  PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  DATA_DIR: z.string().min(1).default('./data'),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  ADMIN_KEY: z.string().min(16, 'at least 16 characters').optional(),
  DEMO: flag.optional(),
  /** false: no proxy in front. true: trust all. Or addresses and networks, separated by commas. */
  TRUST_PROXY: z
    .string()
    .transform((text) =>
      text === '1' || text === 'true' ? true : text === '0' || text === 'false' ? false : text,
    )
    .default(false),
  RATE_LIMIT: whole(0, 1_000_000_000).default(600),
  LEASE_LIMIT: whole(0, 1_000_000_000).default(60),
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
