import { describe, expect, test } from 'vitest';
import { buildSnippet, serveSnippet, sizes } from '../../scripts/build-snippet.mjs';
import { openPage } from './page.js';

const { code } = await buildSnippet({ version: '1.2.3' });

describe('the bundle', () => {
  test('is one function expression', () => {
    expect(() => new Function(`return (${code})`)).not.toThrow();
    expect(new Function(`return typeof (${code})`)()).toBe('function');
  });

  test('is served for a site with its configuration, and without for all', () => {
    expect(serveSnippet('c=>{}', null)).toBe('(c=>{})();');
    const config = { site: 'k', targets: ['+12025550123'], origin: 'https://x.example/</script>' };
    const text = serveSnippet('c=>c', config);
    expect(text).not.toContain('<');
    expect(new Function(`return ${text}`)()).toEqual(config);
  });

  test('needs nothing that a strict policy forbids', () => {
    expect(code).not.toMatch(/\beval\b|new Function|\.style\b|innerHTML|document\.write/);
  });

  test('knows its version', async () => {
    expect(code).toContain('"1.2.3"');
    expect((await openPage()).window.dni?.version).toBe('0.0.0');
  });

  // What every visitor loads; lower it whenever the script gets smaller.
  test('stays small', () => {
    expect(sizes(serveSnippet(code, null)).brotli).toBeLessThanOrEqual(3_680);
  });
});
