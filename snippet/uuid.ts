/** A UUIDv7. By hand, because randomUUID is missing on http: pages. */
export function uuid(): string {
  const time = `0${Date.now().toString(16)}`;
  let at = 0;
  return 'xxxxxxxx-xxxx-7xxx-8xxx-xxxxxxxxxxxx'.replace(
    /x/g,
    () => time[at++] ?? ((crypto.getRandomValues(new Uint8Array(1))[0] as number) & 15).toString(16),
  );
}
