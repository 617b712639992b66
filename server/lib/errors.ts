/** The one catalogue of what can go wrong for a client: code → HTTP status and title (RFC 9457). */
export const ERRORS = {
  invalid_request: [400, 'The request is not valid'],
  unauthorized: [401, 'No valid key'],
  forbidden: [403, 'This key may not do that'],
  origin_not_allowed: [403, 'This origin may not use the site key'],
  bad_signature: [403, 'The signature does not fit the request'],
  not_found: [404, 'Not found'],
  unknown_site: [404, 'No such site'],
  unknown_number: [404, 'Not one of our numbers'],
  conflict: [409, 'In conflict with what is there'],
  number_in_use: [409, 'The number belongs to another tracker'],
  call_mismatch: [409, 'This call id is known with another number'],
  body_too_large: [413, 'The body is too large'],
  unsupported_media_type: [415, 'This media type is not read here'],
  rate_limited: [429, 'Too many requests'],
  internal: [500, 'Something went wrong on our side'],
  unavailable: [503, 'Not available for the moment'],
  overloaded: [503, 'Too busy for the moment'],
} as const satisfies Record<string, readonly [number, string]>;

export type ErrorCode = keyof typeof ERRORS;

/** One field that was wrong. `path` in dots, as in `page.url`. */
export interface FieldError {
  path: string;
  message: string;
}

/** An error that a client may be told. Anything else becomes `internal` and is only logged. */
export class Problem extends Error {
  constructor(
    readonly code: ErrorCode,
    readonly detail: string,
    readonly errors?: FieldError[],
    /** Seconds after which asking again makes sense, where that is known. */
    readonly retryAfter?: number,
  ) {
    super(`${code}: ${detail}`);
  }

  get status(): number {
    return ERRORS[this.code][0];
  }

  /** The body of the answer, `application/problem+json`. */
  toJSON() {
    const [status, title] = ERRORS[this.code];
    return {
      type: `urn:dni:error:${this.code}`,
      title,
      status,
      detail: this.detail,
      code: this.code,
      ...(this.errors ? { errors: this.errors } : {}),
    };
  }
}
