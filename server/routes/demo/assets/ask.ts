/** Why the service did not do it, in its own words. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** What the fields are called on the page. */
const FIELDS: Record<string, string> = { from: 'The caller’s number', number: 'The number called' };

interface ProblemBody {
  code?: string;
  detail?: string;
  errors?: { path: string; message: string }[];
}

/** Asks the demo's routes; `body` given: by POST. Throws Refused. */
export async function ask<T>(path: string, body?: unknown): Promise<T> {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const answer = await fetch(`demo/${path}`, {
    ...init,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
  }).catch(() => {
    throw new Refused('away', 'The service does not answer.');
  });
  if (answer.ok) return (await answer.json()) as T;
  const problem = (await answer.json().catch(() => ({}))) as ProblemBody;
  const fields = problem.errors
    ?.map((error) => `${FIELDS[error.path] ?? error.path} ${error.message}.`)
    .join(' ');
  throw new Refused(problem.code ?? 'internal', fields ?? problem.detail ?? 'Something went wrong.');
}
