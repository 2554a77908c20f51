import { beSomebody } from './auth.js';
import { offline, worded } from './errors.js';

/**
 * Where a session ends between the look and the write, parallel requests still share one guest. Random, and the same for as
 * long as this page is open.
 */
const firstKey = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
  byte.toString(16).padStart(2, '0'),
).join('');

/** For the app's own routes. @throws RequestError */
async function request(method, path, body) {
  const headers = new Headers({ accept: 'application/json' });
  const options = { method, headers };
  if (method !== 'GET') {
    await beSomebody();
    headers.set('idempotency-key', firstKey);
  }
  if (body !== undefined) {
    headers.set('content-type', 'application/json');
    options.body = JSON.stringify(body);
  }
  const answer = await fetch(path, options).catch(() => {
    throw offline();
  });
  const content = await answer.json().catch(() => undefined);
  if (answer.ok) return content;
  throw worded(answer.status, content);
}

export const get = (path) => request('GET', path);
export const post = (path, body) => request('POST', path, body);
export const put = (path, body) => request('PUT', path, body);
export const remove = (path) => request('DELETE', path);
