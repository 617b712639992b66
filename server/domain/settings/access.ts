import { createHash, randomBytes } from 'node:crypto';
import { Problem } from '../../lib/errors.js';
import type { Scope } from '../../stores/settings.js';
import type { Settings } from './settings.js';

/** Who is asking: what they may do, and of which site; null: of all. */
export interface Access {
  scopes: Scope[];
  siteId: string | null;
}

/** SHA-256, hex. Keys carry 256 random bits, so a plain hash is as good as a slow one. */
export const hashKey = (key: string): string => createHash('sha256').update(key).digest('hex');

/** A new key; only its hash is kept. */
export const makeKey = (): string => `dni_${randomBytes(32).toString('base64url')}`;

/** The hash of the bearer key that a request carries; null: none. */
export function keyHashOf(authorization: string | undefined): string | null {
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  return token ? hashKey(token) : null;
}

/** Who a bearer key stands for. The key is looked up by its hash, so no comparison tells anything by its time. */
export async function accessOf(
  settings: Pick<Settings, 'keyByHash'>,
  adminKeyHash: string | null,
  authorization: string | undefined,
): Promise<Access> {
  const hash = keyHashOf(authorization);
  if (hash === null) throw new Problem('unauthorized', 'Send a key as "Authorization: Bearer <key>".');
  if (hash === adminKeyHash) return { scopes: ['admin'], siteId: null };
  const key = await settings.keyByHash(hash);
  if (!key || key.retired_at) throw new Problem('unauthorized', 'This key is not known, or not any more.');
  return { scopes: key.scopes, siteId: key.site_id };
}

/** `admin` includes every other scope. */
export const may = (access: Access, scope: Scope): boolean =>
  access.scopes.includes('admin') || access.scopes.includes(scope);

/** Another site's things are not there at all for a key that is bound to one. */
export const sees = (access: Access, siteId: string): boolean =>
  access.siteId === null || access.siteId === siteId;
