import { describe, expect, it } from 'vitest';
import { KNOWN_APPS, KNOWN_SITES } from '../../../../server/domain/sources/known-sites.js';

const hostsOf = (table: Partial<Record<string, Record<string, string>>>) =>
  Object.values(table).flatMap((sites) => Object.values(sites ?? {}).flatMap((hosts) => hosts.split(' ')));

describe('the tables', () => {
  it('name every host once', () => {
    const hosts = hostsOf(KNOWN_SITES).map((host) => host.replace(/^=/, ''));
    expect(hosts.filter((host, index) => hosts.indexOf(host) !== index)).toEqual([]);
  });

  it('write hosts so that they can be found', () => {
    for (const host of hostsOf(KNOWN_SITES)) {
      expect(host).toMatch(/^=?(?!www\.)([a-z0-9-]+\.)+([a-z]{2,}|\*)(\/[a-z]+)?$/);
    }
  });

  it('write packages so that they can be found', () => {
    for (const name of hostsOf(KNOWN_APPS)) expect(name).toMatch(/^[a-z0-9_]+(\.[a-z0-9_]+)+$/);
  });
});
