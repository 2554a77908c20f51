import { rowCounts } from '../support/expectations.js';
import type { HttpClient } from '../support/http-client.js';
import type { TestApp } from '../support/test-app.js';
import { closePaws, startPaws } from './paws-app.js';
import {
  ADA,
  addDog,
  addPhoto,
  favour,
  placesOf,
  put,
  signUp,
  userOf,
  visit,
  writeProfile,
} from './visitors.js';

describe('an account of the example that deletes itself', () => {
  let host: TestApp;
  let places: string[];
  beforeEach(async () => {
    host = await startPaws();
    places = await placesOf(host.browser());
  });
  afterEach(closePaws);

  /** One row in every table. */
  async function haveEverything(client: HttpClient): Promise<void> {
    await addPhoto(client, await addDog(client, 'Rex'), '/rex.jpg');
    await favour(client, places[0]!);
    await writeProfile(client, { displayName: 'Ada', city: 'Lyon' });
    await put(client, 'ball', 2);
    await visit(client, places[0]!, 6);
  }

  it('takes everything along that it has made, also without a foreign key, and nothing of others', async () => {
    await haveEverything(host.browser());
    const before = await rowCounts(host);
    const client = host.browser();
    await haveEverything(client);
    await signUp(client);
    const answer = await client.post('/auth/delete-user', { password: ADA.password });
    expect(answer).toMatchObject({ status: 200, body: { success: true } });
    expect(await rowCounts(host)).toEqual(before);
    expect(await userOf(client)).toBeNull();
  });
});
