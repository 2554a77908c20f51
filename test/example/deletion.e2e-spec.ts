import { rowCounts } from '../support/expectations.js';
import type { HttpClient } from '../support/http-client.js';
import type { TestApp } from '../support/test-app.js';
import { closePaws, startPaws } from './paws-app.js';
import { ADA, haveEverything, placesOf, signUp, userOf } from './visitors.js';

describe('an account of the example that deletes itself', () => {
  let host: TestApp;
  let places: string[];
  beforeEach(async () => {
    host = await startPaws();
    places = await placesOf(host.browser());
  });
  afterEach(closePaws);

  const fill = (client: HttpClient) => haveEverything(client, places[0]!);

  it('takes everything along that it has made, also without a foreign key, and nothing of others', async () => {
    await fill(host.browser());
    const before = await rowCounts(host);
    const client = host.browser();
    await fill(client);
    await signUp(client);
    const answer = await client.post('/auth/delete-user', { password: ADA.password });
    expect(answer).toMatchObject({ status: 200, body: { success: true } });
    expect(await rowCounts(host)).toEqual(before);
    expect(await userOf(client)).toBeNull();
  });
});
