import { describe, expect, it } from 'vitest';
import {
  type Access,
  accessOf,
  hashKey,
  makeKey,
  may,
  sees,
} from '../../../../server/domain/settings/access.js';
import type { ApiKey } from '../../../../server/stores/settings.js';

const ADMIN = 'the-admin-key';
const key = (given: Partial<ApiKey> = {}): ApiKey => ({
  id: 'key',
  name: 'Key',
  scopes: ['reports:read'],
  site_id: null,
  hash: hashKey('secret'),
  created_at: new Date(),
  retired_at: null,
  ...given,
});
const settingsWith = (...keys: ApiKey[]) => ({
  keyByHash: async (hash: string) => keys.find((one) => one.hash === hash) ?? null,
});

describe('a bearer key', () => {
  it('stands for its scopes and its site', async () => {
    const access = await accessOf(settingsWith(key({ site_id: 'site' })), null, 'Bearer secret');
    expect(access).toEqual({ scopes: ['reports:read'], siteId: 'site' });
  });

  it('of the configuration stands for everything', async () => {
    expect(await accessOf(settingsWith(), hashKey(ADMIN), `bearer ${ADMIN}`)).toEqual({
      scopes: ['admin'],
      siteId: null,
    });
  });

  it.each([
    undefined,
    '',
    'secret',
    'Basic secret',
    'Bearer',
    'Bearer ',
    'Bearer wrong',
    'Bearer secret more',
  ])('is refused as %j', async (authorization) => {
    await expect(accessOf(settingsWith(key()), null, authorization)).rejects.toMatchObject({
      code: 'unauthorized',
    });
  });

  it('is refused once it is retired', async () => {
    await expect(
      accessOf(settingsWith(key({ retired_at: new Date() })), null, 'Bearer secret'),
    ).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it('is never made twice, and is kept as a hash that does not contain it', () => {
    const keys = Array.from({ length: 100 }, makeKey);
    expect(new Set(keys).size).toBe(100);
    for (const one of keys) {
      expect(one).toMatch(/^dni_[\w-]{43}$/);
      expect(hashKey(one)).toMatch(/^[0-9a-f]{64}$/);
    }
  });
});

describe('who', () => {
  const access = (given: Partial<Access>): Access => ({ scopes: [], siteId: null, ...given });
  it('may do what a scope says; admin may everything', () => {
    expect(may(access({ scopes: ['calls:write'] }), 'calls:write')).toBe(true);
    expect(may(access({ scopes: ['calls:write'] }), 'reports:read')).toBe(false);
    expect(may(access({ scopes: ['calls:write'] }), 'admin')).toBe(false);
    expect(may(access({ scopes: ['admin'] }), 'reports:read')).toBe(true);
    expect(may(access({}), 'reports:read')).toBe(false);
  });

  it('sees their own site, or all', () => {
    expect(sees(access({ siteId: 'a' }), 'a')).toBe(true);
    expect(sees(access({ siteId: 'a' }), 'b')).toBe(false);
    expect(sees(access({}), 'b')).toBe(true);
  });
});
