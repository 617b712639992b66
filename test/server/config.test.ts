import { describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from '../../server/config.js';

/** What readConfig says is wrong. */
function refusal(env: Record<string, string>): string {
  try {
    readConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error('It was accepted.');
}

describe('the configuration', () => {
  test('of an empty environment is the documented one; empty variables count as absent', () => {
    const defaults = {
      PORT: 3000,
      HOST: '127.0.0.1',
      DATA_DIR: './data',
      TRUST_PROXY: 0,
      RATE_LIMIT: 600,
      SITE_RATE_LIMIT: 60_000,
      SPOOL_MB: 16,
      LEASE_LIMIT: 60,
      SITE_LEASE_LIMIT: 10_000,
      TWILIO_AUTH_TOKEN: [],
      LOG_LEVEL: 'info',
    };
    expect(readConfig({})).toEqual(defaults);
    expect(readConfig({ PORT: '', DATABASE_URL: '', ADMIN_KEY: '', DEMO: '', PATH: '/bin' })).toEqual(
      defaults,
    );
  });

  test('is read from text', () => {
    expect(
      readConfig({
        PORT: '0',
        HOST: '::',
        PUBLIC_URL: 'https://dni.shop.example/base//',
        DATABASE_URL: 'postgres://user:p%40ss@db.example:5432/dni?sslmode=require',
        REDIS_URL: 'rediss://:secret@cache.example:6380/2',
        DATA_DIR: '/var/lib/dni',
        ADMIN_KEY: 'a-long-enough-key',
        DEMO: '1',
        COUNTRY_HEADER: 'CF-IPCountry',
        RATE_LIMIT: '0',
        LEASE_LIMIT: '100000',
        TWILIO_AUTH_TOKEN: ' one , two,, ',
        LOG_LEVEL: 'warn',
      }),
    ).toMatchObject({
      PORT: 0,
      PUBLIC_URL: 'https://dni.shop.example/base',
      DEMO: true,
      COUNTRY_HEADER: 'cf-ipcountry',
      RATE_LIMIT: 0,
      LEASE_LIMIT: 100_000,
      TWILIO_AUTH_TOKEN: ['one', 'two'],
      LOG_LEVEL: 'warn',
    });
  });

  test.each([
    ['1', 1],
    ['2', 2],
    ['true', 1],
    ['0', 0],
    ['false', 0],
    ['127.0.0.1', '127.0.0.1'],
    ['10.0.0.0/8, 2001:db8::/32,loopback', '10.0.0.0/8, 2001:db8::/32,loopback'],
  ])('TRUST_PROXY %s', (text, value) => {
    expect(readConfig({ TRUST_PROXY: text }).TRUST_PROXY).toBe(value);
  });

  test.each([
    ['PORT', 'http'],
    ['PORT', '70000'],
    ['PORT', '-1'],
    ['PORT', '3000.5'],
    ['PORT', ' '],
    ['PORT', '0x10'],
    ['PUBLIC_URL', 'dni.shop.example'],
    ['PUBLIC_URL', 'ftp://dni.shop.example'],
    ['PUBLIC_URL', 'https://dni.shop.example/?a=b'],
    ['DATABASE_URL', 'mysql://localhost/dni'],
    ['DATABASE_URL', 'localhost:5432'],
    ['REDIS_URL', 'http://localhost:6379'],
    ['REDIS_URL', 'localhost'],
    ['REDIS_URL', 'redis://one.example:6379,two.example:6379'],
    ['REDIS_URL', 'redis://one.example:6379,'],
    ['ADMIN_KEY', 'long enough but with blanks'],
    ['DEMO', 'yes'],
    ['TRUST_PROXY', 'nginx'],
    ['TRUST_PROXY', '10'],
    ['TRUST_PROXY', '-1'],
    ['TRUST_PROXY', '10.0.0.0/33'],
    ['TRUST_PROXY', '127.0.0.1,'],
    ['RATE_LIMIT', 'none'],
    ['RATE_LIMIT', '-1'],
    ['SITE_RATE_LIMIT', '-1'],
    ['LEASE_LIMIT', '1e3'],
    ['SITE_LEASE_LIMIT', '1.5'],
    ['LOG_LEVEL', 'loud'],
  ])('%s=%j is refused by name', (name, value) => {
    expect(refusal({ [name]: value })).toMatch(new RegExp(`^  ${name}: \\S`, 'm'));
  });

  test('REDIS_URL may name several nodes of a cluster', () => {
    const REDIS_URL = 'redis://one.example:6379,redis://two.example:6379';
    expect(readConfig({ REDIS_URL })).toMatchObject({ REDIS_URL });
  });

  test('names everything that is wrong, and quotes no secret', () => {
    const message = refusal({
      PORT: 'x',
      LOG_LEVEL: 'x',
      ADMIN_KEY: 's3cret with blanks',
      REDIS_URL: 'http://:s3cret@x',
    });
    for (const name of ['PORT', 'LOG_LEVEL', 'ADMIN_KEY', 'REDIS_URL'])
      expect(message).toContain(`  ${name}: `);
    expect(message).not.toContain('s3cret');
  });
});
