/** A UUIDv7. By hand, because randomUUID is missing on http: pages. */
export const uuid = (): string =>
  `0${Date.now().toString(16)}${Array.from(crypto.getRandomValues(new Uint8Array(18)), (byte) =>
    (byte & 15).toString(16),
  ).join('')}`.replace(/(.{8})(.{4})(...)(...)/, '$1-$2-7$3-8$4-');
