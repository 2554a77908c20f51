import assert from 'node:assert/strict';
import { HttpClient } from '../support/http-client.js';

const ORIGIN = 'https://app.example';

/** What readers and visitors do with the app of docs/adopting.md. @returns how many things were checked. */
export async function playAdoptedHost(url: string): Promise<number> {
  const steps = [asBefore, asGuest, logIn, register, withoutCookies];
  for (const step of steps) await step((token) => new HttpClient(url, headersOf(token)));
  return steps.length;
}

type NewClient = (token?: string) => HttpClient;

interface Book {
  readonly userId: number;
  readonly isbn: string;
  readonly page: number;
}

function headersOf(token: string | undefined): Record<string, string> {
  return { origin: ORIGIN, ...(token !== undefined && { authorization: `Bearer ${token}` }) };
}

/** Whoever has a token of the app notices nothing. */
async function asBefore(client: NewClient): Promise<void> {
  const ada = { email: 'ada@example.com', password: 'correct horse' };
  const registered = await client().post('/register', ada);
  assert.equal(registered.status, 201, registered.text);
  assert.equal((await client().post('/register', ada)).status, 409);
  assert.equal((await client().post('/login', { ...ada, password: 'wrong' })).status, 401);
  const { body } = await client().post('/login', ada);
  const reader = client(body.accessToken);
  const kept = await reader.post('/books', { isbn: 'a', page: 10 });
  assert.equal(kept.body.userId, registered.body.userId);
  assert.equal(kept.headers.get('set-cookie'), null);
  assert.deepEqual(pages((await reader.get('/books')).body), { a: 10 });
  assert.equal((await client('no.such.token').post('/books', { isbn: 'a', page: 1 })).status, 401);
}

async function asGuest(client: NewClient): Promise<void> {
  const visitor = client();
  assert.equal((await visitor.get('/books')).status, 401);
  const kept = await visitor.post('/books', { isbn: 'b', page: 3 });
  assert.equal(kept.status, 201, kept.text);
  assert.equal(typeof kept.body.userId, 'number');
  await visitor.post('/books', { isbn: 'c', page: 4 });
  assert.deepEqual(pages((await visitor.get('/books')).body), { b: 3, c: 4 });
}

async function logIn(client: NewClient): Promise<void> {
  const visitor = client();
  await visitor.post('/books', { isbn: 'a', page: 99 });
  await visitor.post('/books', { isbn: 'd', page: 1 });
  const loggedIn = await visitor.post('/login', {
    email: 'ada@example.com',
    password: 'correct horse',
  });
  assert.equal(loggedIn.status, 201, loggedIn.text);
  const reader = client(loggedIn.body.accessToken);
  assert.deepEqual(pages((await reader.get('/books')).body), { a: 99, d: 1 });
  assert.equal(visitor.cookies.header(), '', 'the cookie of the guest is gone');
  assert.equal((await visitor.get('/books')).status, 401);
}

async function register(client: NewClient): Promise<void> {
  const visitor = client();
  const { body: kept } = await visitor.post('/books', { isbn: 'e', page: 5 });
  const bob = { email: 'bob@example.com', password: 'battery staple' };
  const { body } = await visitor.post('/register', bob);
  assert.notEqual(body.userId, kept.userId);
  assert.deepEqual(pages((await client(body.accessToken).get('/books')).body), { e: 5 });
}

/** An app on a phone keeps the token of the header. */
async function withoutCookies(client: NewClient): Promise<void> {
  const first = await client().post('/books', { isbn: 'f', page: 6 });
  const guest = client(first.headers.get('set-auth-token')!);
  assert.deepEqual(pages((await guest.get('/books')).body), { f: 6 });
  const carol = { email: 'carol@example.com', password: 'staple battery' };
  const { body } = await guest.post('/register', carol);
  assert.deepEqual(pages((await client(body.accessToken).get('/books')).body), { f: 6 });
}

function pages(books: readonly Book[]): Record<string, number> {
  return Object.fromEntries(books.map(({ isbn, page }) => [isbn, page]));
}
