import { randomBytes } from 'node:crypto';
import type { HttpAnswer, RequestOptions } from './http-client.js';
import type { TestApp } from './test-app.js';

export const newKey = () => randomBytes(24).toString('base64url');

export function withKey(key: string): RequestOptions {
  return { headers: { 'idempotency-key': key } };
}

/** What a browser without a cookie gets that asks for a guest with this key. */
export function guestOf(host: TestApp, key: string, path = '/auth/anonymous'): Promise<HttpAnswer> {
  return host.browser().post(path, undefined, withKey(key));
}

/** As if so many seconds had passed for every key. After 30 nothing is parallel to the request that issued the guest. */
export function laterBy(host: TestApp, seconds: number): Promise<unknown> {
  return host.sql(
    `UPDATE auth_flows SET created_at = created_at - $1 * interval '1 second',
       consumed_at = consumed_at - $1 * interval '1 second',
       expires_at = expires_at - $1 * interval '1 second'`,
    [seconds],
  );
}
