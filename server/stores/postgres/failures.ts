// Which failures of Postgres mean what. SQLSTATE codes: PostgreSQL manual, appendix A.

/** The SQLSTATE of an error, or Node's own code (ECONNREFUSED …), or null. */
function codeOf(error: unknown): string | null {
  const code = error instanceof Error ? (error as Error & { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : null;
}

const CLIENT_SIDE =
  /timeout exceeded when trying to connect|Connection terminated|Client has encountered|Cannot use a pool/;

/** Whether Postgres itself is away: not reachable, shutting down, starting, or out of room. */
export function isAway(error: unknown): boolean {
  const code = codeOf(error);
  if (code === null) return error instanceof Error && CLIENT_SIDE.test(error.message);
  return (
    /^E[A-Z]+$/.test(code) || // sockets: ECONNREFUSED, EPIPE, ENOENT …
    code.startsWith('08') || // connection exception
    code.startsWith('53') || // insufficient resources
    code.startsWith('57') || // operator intervention, statement timeout
    code.startsWith('58') || // system error
    code === '25006' // read only: a standby answers
  );
}

/** Whether the fault lies in what was to be written, so that trying again cannot help: bad data, a broken rule, too much. */
export const isOfTheRow = (error: unknown): boolean => /^(22|23|54)/.test(codeOf(error) ?? '23');

/** Whether the same work may simply be tried again: a deadlock or a lost race for a row. */
export const isCollision = (error: unknown): boolean =>
  ['40001', '40P01', '23505', '55P03'].includes(codeOf(error) ?? '');

/** Whether a unique key was there already. */
export const isDuplicate = (error: unknown): boolean => codeOf(error) === '23505';
