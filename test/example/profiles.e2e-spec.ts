import { refusal, rowCounts } from '../support/expectations.js';
import type { TestApp } from '../support/test-app.js';
import { closePaws, startPaws } from './paws-app.js';
import { merge, rowsIn, twoSides } from './two-sides.js';
import { addDog, writeProfile } from './visitors.js';

const EMPTY = { displayName: null, city: null, bio: null };

/** What is sent, and the field that is wrong. */
const WRONG: [profile: object, field: string][] = [
  [{ displayName: '' }, 'displayName'],
  [{ displayName: '   ' }, 'displayName'],
  [{ displayName: 'x'.repeat(61) }, 'displayName'],
  [{ displayName: 'a\nb' }, 'displayName'],
  [{ displayName: 7 }, 'displayName'],
  [{ displayName: ['Ada'] }, 'displayName'],
  [{ city: 'x'.repeat(61) }, 'city'],
  [{ city: 'a\u0000b' }, 'city'],
  [{ city: '\ud800' }, 'city'],
  [{ bio: 'x'.repeat(501) }, 'bio'],
  [{ bio: 'a\u0000b' }, 'bio'],
  [{ bio: 'a\u001b[31mb' }, 'bio'],
  [{ bio: { $ne: null } }, 'bio'],
  [{ userId: '00000000-0000-4000-8000-000000000000' }, 'userId'],
  [[], ''],
];

describe('the profile of the example', () => {
  let host: TestApp;
  beforeEach(async () => {
    host = await startPaws();
  });
  afterEach(closePaws);

  it('is empty until it is written, and then what was written last', async () => {
    const client = host.browser();
    expect(await client.get('/profile')).toMatchObject({ status: 200, body: EMPTY });
    expect((await rowCounts(host)).users).toBe(0);
    const profile = { displayName: ' Ada ', city: 'São Paulo', bio: 'Two beagles.\nNo cats. 🐕' };
    const written = { ...profile, displayName: 'Ada' };
    expect(await writeProfile(client, profile)).toMatchObject({ status: 200, body: written });
    expect((await client.get('/profile')).body).toEqual(written);
    expect((await writeProfile(client, { city: null, bio: 'One.' })).body).toEqual({
      ...EMPTY,
      bio: 'One.',
    });
    expect((await client.get('/profile')).body).toEqual({ ...EMPTY, bio: 'One.' });
    expect((await host.browser().get('/profile')).body).toEqual(EMPTY);
    expect(await rowCounts(host)).toMatchObject({ users: 1, profile: 1 });
  });

  it('is one also when two requests write it at the same time', async () => {
    const client = host.browser();
    await addDog(client, 'Rex');
    const cities = ['Lyon', 'Porto', 'Husum'];
    const answers = await Promise.all(cities.map((city) => writeProfile(client, { city })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(cities).toContain((await client.get('/profile')).body.city);
    expect((await rowCounts(host)).profile).toBe(1);
  });

  it('takes clean text of a certain length only', async () => {
    const before = await rowCounts(host);
    for (const [profile, field] of WRONG) {
      const answer = await writeProfile(host.browser(), profile);
      expect([profile, answer]).toMatchObject([profile, refusal(400, 'VALIDATION_FAILED')]);
      expect(answer.body.errors.map((error: { field: string }) => error.field)).toEqual([field]);
    }
    expect(await rowCounts(host)).toEqual(before);
  });

  it("of the account stays, and takes from the guest's what it has left empty", async () => {
    const sides = await twoSides(host, {
      home: (client) => writeProfile(client, { displayName: 'Ada', bio: 'Two beagles.' }),
      away: (client) => writeProfile(client, { displayName: 'A guest', city: 'Lyon' }),
    });
    const columns = 'display_name, city, bio';
    expect(await rowsIn(host, 'profile', columns, sides)).toEqual([
      'account: Ada, Two beagles.',
      'guest: A guest, Lyon',
    ]);

    expect(await merge(sides)).toEqual({ profile: { moved: 0, folded: 1, dropped: 0 } });

    expect(await rowsIn(host, 'profile', columns, sides)).toEqual([
      'account: Ada, Lyon, Two beagles.',
    ]);
    expect((await sides.home.get('/profile')).body).toEqual({
      displayName: 'Ada',
      city: 'Lyon',
      bio: 'Two beagles.',
    });
  });

  it('moves as it is to an account that has none', async () => {
    const sides = await twoSides(host, {
      away: (client) => writeProfile(client, { city: 'Lyon' }),
    });
    expect(await merge(sides)).toEqual({ profile: { moved: 1, folded: 0, dropped: 0 } });
    expect((await sides.home.get('/profile')).body).toEqual({ ...EMPTY, city: 'Lyon' });
  });
});
