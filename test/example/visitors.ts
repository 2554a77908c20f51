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

/** Some of the places, always in the same order. */
export async function placesOf(client: HttpClient): Promise<string[]> {
  const { body } = await client.get('/venues');
  return body.map(({ id }: { id: string }) => id);
}

export async function favour(client: HttpClient, ...venueIds: string[]): Promise<void> {
  for (const venueId of venueIds) {
    expect(await client.request('PUT', `/favourites/${venueId}`)).toMatchObject({
      status: 200,
      body: { venueId },
    });
  }
}

export async function favouritesOf(client: HttpClient): Promise<string[]> {
  const { body } = await client.get('/favourites');
  return body.map(({ venueId }: { venueId: string }) => venueId).toSorted();
}

export function writeProfile(client: HttpClient, profile: object): Promise<HttpAnswer> {
  return client.request('PUT', '/profile', { body: profile });
}

export async function visit(client: HttpClient, venueId: string, times = 1): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    expect(await client.post(`/venues/${venueId}/visits`)).toMatchObject({
      status: 201,
      body: { venueId },
    });
  }
}

export async function addPhoto(client: HttpClient, petId: string, url: string): Promise<void> {
  expect(await client.post('/photos', { petId, url })).toMatchObject({
    status: 201,
    body: { url },
  });
}

/** One row in every table, each of which collides with that of anybody else who has this. */
export async function haveEverything(client: HttpClient, place: string): Promise<void> {
  await addPhoto(client, await addDog(client, 'Rex'), '/rex.jpg');
  await favour(client, place);
  await writeProfile(client, { displayName: 'Ada', city: 'Lyon' });
  await put(client, 'ball', 2);
  await visit(client, place, 6);
}
