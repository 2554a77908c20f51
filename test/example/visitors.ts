import type { HttpAnswer, HttpClient } from '../support/http-client.js';

export const ADA = { email: 'ada@example.com', password: 'correct horse battery' };

/** A first dog makes a guest of whoever has no session. */
export async function addDog(client: HttpClient, name: string): Promise<string> {
  const { status, body } = await client.post('/pets', { name });
  expect([status, body.name]).toEqual([201, name]);
  return body.id;
}

export async function dogsOf(client: HttpClient): Promise<string[]> {
  const { body } = await client.get('/pets');
  return body.map(({ name }: { name: string }) => name).toSorted();
}

export async function put(client: HttpClient, sku: string, quantity: number): Promise<void> {
  expect(await client.post('/basket/items', { sku, quantity })).toMatchObject({ status: 201 });
}

/** What is in the basket, as `{ sku: quantity }`. */
export async function basketOf(client: HttpClient): Promise<Record<string, number>> {
  const { body } = await client.get('/basket');
  return Object.fromEntries(
    body.items.map(({ sku, quantity }: { sku: string; quantity: number }) => [sku, quantity]),
  );
}

/** The user of the client's session, or `null`. */
export async function userOf(
  client: HttpClient,
): Promise<{ id: string; isAnonymous: boolean } | null> {
  const { body } = await client.get('/auth/get-session');
  return body?.user ?? null;
}

export function signUp(client: HttpClient, who = ADA): Promise<HttpAnswer> {
  return client.post('/auth/sign-up/email', { ...who, name: '' });
}

export function signIn(client: HttpClient, who = ADA): Promise<HttpAnswer> {
  return client.post('/auth/sign-in/email', who);
}
