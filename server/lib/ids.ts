import { v7 } from 'uuid';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** A new id: UUIDv7 (RFC 9562), so that rows written together lie together. */
export const newId = (): string => v7();

/** Whether a text is a well-formed UUID in lower case. */
export const isId = (text: unknown): text is string => typeof text === 'string' && UUID.test(text);
