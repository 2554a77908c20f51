import { createHmac } from 'node:crypto';

export type TokenPart = Record<string, unknown>;

export interface Forgery {
  /** Changes to the genuine header; `undefined` removes a field. */
  readonly header?: TokenPart;
  /** Changes to the genuine claims, or something else altogether in their place. */
  readonly claims?: TokenPart;
  readonly payload?: string;
  readonly secret: string;
  readonly hash?: 'sha256' | 'sha384' | 'sha512';
}

export function readToken(token: string): { header: TokenPart; claims: TokenPart } {
  const [header, claims] = token.split('.').map((part) => Buffer.from(part, 'base64url'));
  return { header: JSON.parse(String(header)), claims: JSON.parse(String(claims)) };
}

/** A token like the given one but for some changes, signed with a secret that the forger may or may not have. */
export function forgeToken(genuine: string, forgery: Forgery): string {
  const { header, claims } = readToken(genuine);
  const payload = forgery.payload ?? JSON.stringify({ ...claims, ...forgery.claims });
  const parts = [JSON.stringify({ ...header, ...forgery.header }), payload];
  const signed = parts.map((part) => Buffer.from(part).toString('base64url')).join('.');
  const mac = createHmac(forgery.hash ?? 'sha256', forgery.secret).update(signed);
  return `${signed}.${mac.digest('base64url')}`;
}
