/** What the service answered. `body` is parsed if it is JSON, else the text; null if there is none. */
export interface Answer<T> {
  status: number;
  body: T;
  headers: Headers;
}

// Tests read into answers of every shape and assert what they find; a cast at each read would hide the assertion.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Loose = any;

export interface Api {
  url: string;
  get: <T = Loose>(path: string, headers?: Record<string, string>) => Promise<Answer<T>>;
  /** An object is sent as JSON, URLSearchParams as a form, a text or bytes as they are. */
  post: <T = Loose>(path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer<T>>;
  patch: <T = Loose>(path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer<T>>;
  delete: <T = Loose>(path: string, headers?: Record<string, string>) => Promise<Answer<T>>;
}

/** Speaks HTTP to a server at `url`, with a key or without. Never throws for a status. */
export function api(url: string, key?: string): Api {
  const ask = async <T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const { type, content } = encode(body);
    const response = await fetch(url + path, {
      method,
      body: content,
      redirect: 'manual',
      headers: {
        ...(key ? { authorization: `Bearer ${key}` } : {}),
        ...(type ? { 'content-type': type } : {}),
        ...headers,
      },
    });
    return { status: response.status, body: (await decode(response)) as T, headers: response.headers };
  };
  return {
    url,
    get: (path, headers) => ask('GET', path, undefined, headers),
    post: (path, body, headers) => ask('POST', path, body, headers),
    patch: (path, body, headers) => ask('PATCH', path, body, headers),
    delete: (path, headers) => ask('DELETE', path, undefined, headers),
  };
}

function encode(body: unknown): { type?: string; content?: NonNullable<RequestInit['body']> } {
  if (body === undefined) return {};
  // fetch names the type of these two by itself.
  if (typeof body === 'string' || body instanceof URLSearchParams) return { content: body };
  if (body instanceof Uint8Array) return { content: new Uint8Array(body) };
  return { type: 'application/json', content: JSON.stringify(body) };
}

async function decode(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === '') return null;
  return /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text;
}
