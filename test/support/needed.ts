/** An environment variable that `npm test` sets. Fails, never skips, when it is absent. */
export function needed(name: 'TEST_DATABASE_URL' | 'TEST_REDIS_URL' | 'CHROMIUM'): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(
      `${name} is not set: run this test by \`npm test -- <file>\`, which starts what it needs.`,
    );
  }
  return value;
}
