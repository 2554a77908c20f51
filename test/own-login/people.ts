import { randomUUID } from 'node:crypto';
import { HttpClient } from '../support/http-client.js';
import type { TestApp } from '../support/test-app.js';

/** Somebody whom the host knew before. */
export interface MemberOfHost {
  readonly id: string;
  readonly credentials: { readonly name: string; readonly password: string };
  /** The host's own token. */
  readonly token: string;
  readonly bearer: { readonly authorization: string };
}

/** A member who signed up elsewhere, without a guest. */
export async function newMember(host: TestApp): Promise<MemberOfHost> {
  const credentials = { name: `m-${randomUUID()}`, password: 'a password of the host' };
  const client = new HttpClient(host.url, {});
  const { status, body } = await client.post('/members/register', credentials);
  expect(status).toBe(201);
  const { id, token } = body;
  return { id, credentials, token, bearer: { authorization: `Bearer ${token}` } };
}
