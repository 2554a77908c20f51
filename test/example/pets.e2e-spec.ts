import { refusal, rowCounts } from '../support/expectations.js';
import type { TestApp } from '../support/test-app.js';
import { closePaws, startPaws } from './paws-app.js';
import { merge, rowsIn, twoSides } from './two-sides.js';
import { addDog, addPhoto, dogsOf } from './visitors.js';

describe('the dogs of the example', () => {
  let host: TestApp;
  beforeEach(async () => {
    host = await startPaws();
  });
  afterEach(closePaws);

  it('have one name each', async () => {
    const client = host.browser();
    await addDog(client, 'Rex');
    const before = await rowCounts(host);
    for (const name of ['Rex', ' Rex ']) {
      expect(await client.post('/pets', { name, breed: 'Boxer' })).toMatchObject(
        refusal(409, 'PET_NAME_TAKEN'),
      );
    }
    expect(await rowCounts(host)).toEqual(before);
    await addDog(client, 'rex');
    await addDog(host.browser(), 'Rex');
  });

  it('have one name each also when two requests run at the same time', async () => {
    const client = host.browser();
    await addDog(client, 'Luna');
    const answers = await Promise.all([1, 2, 3].map(() => client.post('/pets', { name: 'Rex' })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(2);
    expect(await dogsOf(client)).toEqual(['Luna', 'Rex']);
  });

  it('of one name: the one that the guest added later stays, with the photos of both', async () => {
    const sides = await twoSides(host, {
      home: async (client) => addPhoto(client, await addDog(client, 'Rex'), '/old.jpg'),
      away: async (client) => {
        const { body: rex } = await client.post('/pets', { name: 'Rex', breed: 'Boxer' });
        await addPhoto(client, rex.id, '/new.jpg');
        await addDog(client, 'Luna');
      },
    });
    const { home, away, guest } = sides;
    const [{ id: newer }] = (await away.get('/pets')).body;
    expect(await rowsIn(host, 'pet', 'name, breed', sides)).toEqual([
      'account: Rex',
      'guest: Luna',
      'guest: Rex, Boxer',
    ]);

    expect(await merge(sides)).toEqual({
      pet: { moved: 2, folded: 0, dropped: 1 },
      // The account's own follows the guest's dog, but has been the account's before.
      photo: { moved: 1, folded: 0, dropped: 0 },
    });

    expect(await rowsIn(host, 'pet', 'name, breed', sides)).toEqual([
      'account: Luna',
      'account: Rex, Boxer',
    ]);
    expect(await rowsIn(host, 'photo', 'url, pet_id', sides)).toEqual([
      `account: /new.jpg, ${newer}`,
      `account: /old.jpg, ${newer}`,
    ]);
    expect(await dogsOf(home)).toEqual(['Luna', 'Rex']);
    expect(await host.sql('SELECT 1 FROM users WHERE id = $1', [guest])).toEqual([]);
  });

  it('of one name: the one that the account added later stays, with the photos of both', async () => {
    const sides = await twoSides(host, {
      away: async (client) => addPhoto(client, await addDog(client, 'Rex'), '/old.jpg'),
    });
    const { home } = sides;
    const newer = await addDog(home, 'Rex');
    await addPhoto(home, newer, '/new.jpg');

    expect(await merge(sides)).toEqual({
      pet: { moved: 0, folded: 0, dropped: 1 },
      photo: { moved: 1, folded: 0, dropped: 0 },
    });

    expect(await rowsIn(host, 'pet', 'id', sides)).toEqual([`account: ${newer}`]);
    expect(await rowsIn(host, 'photo', 'url, pet_id', sides)).toEqual([
      `account: /new.jpg, ${newer}`,
      `account: /old.jpg, ${newer}`,
    ]);
  });
});
