import { refusal } from '../support/expectations.js';
import type { HttpClient } from '../support/http-client.js';
import type { TestApp } from '../support/test-app.js';
import { closePaws, startPaws } from './paws-app.js';
import { addDog, ADA, haveEverything, placesOf, signIn, signUp } from './visitors.js';

describe.each(['express', 'fastify'] as const)(
  'what a guest of the example has on %s',
  (adapter) => {
    let host: TestApp;
    beforeAll(async () => {
      host = await startPaws({ adapter });
    });
    afterAll(closePaws);

    const PATHS = ['/pets', '/photos', '/favourites', '/profile', '/basket', '/visits'];
    const rowsFor = async (client: HttpClient) =>
      Promise.all(PATHS.map(async (path) => (await client.get(path)).body));

    it('is no other guest’s to see or to write to, before and after it goes to an account', async () => {
      const [place] = await placesOf(host.browser());
      const [owner, guest, stranger] = [host.browser(), host.browser(), host.browser()];
      expect((await signUp(owner)).status).toBe(200);
      await haveEverything(guest, place!);
      const [{ id: petId }] = (await guest.get('/pets')).body;
      await addDog(stranger, 'Bello');
      const own = await rowsFor(stranger);
      const tryIt = async () => {
        expect(await rowsFor(stranger)).toEqual(own);
        expect(JSON.stringify(own)).not.toContain(petId);
        expect(await stranger.post('/photos', { petId, url: '/mine.jpg' })).toMatchObject(
          refusal(404, 'PET_NOT_FOUND'),
        );
        // What goes by a place or a name is one's own.
        for (const [method, path, body] of [
          ['DELETE', `/favourites/${place}`, undefined],
          ['PUT', '/profile', { city: 'Elsewhere' }],
          ['POST', '/basket/items', { sku: 'ball', quantity: 40 }],
        ] as const) {
          const other = host.browser();
          await addDog(other, 'Rex');
          expect((await other.request(method, path, { body })).status).toBeLessThan(300);
        }
      };
      const before = await rowsFor(guest);
      await tryIt();
      expect(await rowsFor(guest)).toEqual(before);
      expect((await signIn(guest, ADA)).body.link.status).toBe('merged');
      const merged = await rowsFor(owner);
      expect(JSON.stringify(merged)).toContain(petId);
      await tryIt();
      expect(await rowsFor(owner)).toEqual(merged);
    });
  },
);
