import { describe, expect, test } from 'vitest';
import project from '../../package.json' with { type: 'json' };
import { buildSnippet, buildStub, serveSnippet, sizes } from '../../scripts/build-snippet.mjs';
import { openPage } from './page.js';

const { code, more } = await buildSnippet({ version: '1.2.3' });

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
    expect(code + more).not.toMatch(/\beval\b|new Function|innerHTML|document\.write/);
    expect(code).not.toMatch(/\.style\b/);
  });

  test('knows its version', async () => {
    expect(code).toContain('"1.2.3"');
    expect((await openPage()).window.dni?.version).toBe('0.0.0');
  });

  // What every visitor loads, without what it looks for. Another version's digits make up to 20 bytes of difference.
  test('stays small', async () => {
    const { code, more } = await buildSnippet({ version: project.version });
    expect(sizes(serveSnippet(code, null)).brotli).toBeLessThanOrEqual(2_048);
    expect(sizes(more).brotli).toBeLessThanOrEqual(2_500);
    expect(sizes(await buildStub()).raw).toBeLessThanOrEqual(700);
  });
});
