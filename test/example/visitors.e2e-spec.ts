import { newCookies, rowCounts } from '../support/expectations.js';
import { bearer } from '../support/people.js';
import type { TestApp } from '../support/test-app.js';
import { closePaws, startPaws } from './paws-app.js';
import { addDog, dogsOf, signIn, signUp, userOf } from './visitors.js';

const PAGES = [
  '/',
  '/assets/app.js',
  '/venues',
  '/pets',
  '/photos',
  '/favourites',
  '/profile',
  '/basket',
  '/visits',
  '/stamp-card',
  '/docs',
  '/health',
];

describe.each(['express', 'fastify'] as const)('a visitor of the example on %s', (adapter) => {
  let host: TestApp;
  beforeEach(async () => {
    host = await startPaws({ adapter });
  });
  afterEach(closePaws);

  it('looks at everything without a user row and without a cookie', async () => {
    const before = await rowCounts(host);
    const client = host.browser();
    for (const page of [...PAGES, '/auth/get-session']) {
      const answer = await client.get(page);
      expect([page, answer.status, newCookies(answer)]).toEqual([page, 200, []]);
    }
    expect(await rowCounts(host)).toEqual(before);
  });

  it('is one guest after the first dog and after every further one', async () => {
    const client = host.browser();
    await addDog(client, 'Rex');
    const guest = await userOf(client);
    await addDog(client, 'Luna');
    expect(await host.sql('SELECT id, is_anonymous, email FROM users')).toEqual([
      { id: guest?.id, is_anonymous: true, email: null },
    ]);
    expect(await dogsOf(client)).toEqual(['Luna', 'Rex']);
    expect(await dogsOf(host.browser())).toEqual([]);
  });

  it('is one guest also when the first requests of a page run at the same time', async () => {
    const clients = [host.browser(), host.browser(), host.browser()];
    const headers = { 'idempotency-key': 'k'.repeat(32) };
    const answers = await Promise.all(
      clients.map((client, n) => client.post('/pets', { name: `dog ${n}` }, { headers })),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect((await rowCounts(host)).users).toBe(1);
  });

  it('keeps id and dog when signing up, and no older token works', async () => {
    const client = host.browser();
    const dog = await addDog(client, 'Rex');
    const guest = await userOf(client);
    const { body: issued } = await client.post('/auth/anonymous');
    expect(await signUp(client)).toMatchObject({
      status: 200,
      body: { user: { id: guest?.id, isAnonymous: false, email: 'ada@example.com' } },
    });
    expect((await client.get('/pets')).body).toEqual([{ id: dog, name: 'Rex', breed: null }]);
    expect((await bearer(host, issued.token).get('/auth/get-session')).body).toBeNull();
  });

  it('finds in the account what was added as a guest in another browser', async () => {
    const home = host.browser();
    await addDog(home, 'Rex');
    await signUp(home);
    const away = host.browser();
    const luna = await addDog(away, 'Luna');
    await away.post('/photos', { petId: luna, url: '/assets/dog.svg' });
    const { body: guest } = await away.post('/auth/anonymous');

    expect(await signIn(away)).toMatchObject({
      status: 200,
      body: {
        user: { id: (await userOf(home))?.id },
        link: {
          status: 'merged',
          receipt: { tables: { pet: { moved: 1 }, photo: { moved: 1 } } },
        },
      },
    });
    expect(await dogsOf(away)).toEqual(['Luna', 'Rex']);
    expect(await dogsOf(home)).toEqual(['Luna', 'Rex']);
    expect(await host.sql('SELECT 1 FROM users WHERE id = $1', [guest.user.id])).toEqual([]);
    const late = bearer(host, guest.token);
    expect(await late.delete('/auth/anonymous')).toMatchObject({
      status: 401,
      body: { code: 'UNAUTHORIZED' },
    });
  });
});
