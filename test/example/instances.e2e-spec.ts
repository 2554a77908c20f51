import { randomBytes } from 'node:crypto';
import { expectCleanDatabase } from '../support/checker.js';
import { HttpClient } from '../support/http-client.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { endProcesses, freePort, PawsProcess } from './paws-process.js';
import { addDog, dogsOf, signIn, signUp, userOf } from './visitors.js';

/** Each start compiles the whole app, on a machine that may be busy with other tests. */
jest.setTimeout(60_000);

describe('two instances of the example on one database', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(async () => {
    await endProcesses();
    await database.drop();
  });

  it('start together on an empty database and serve the same sessions', async () => {
    const shared = {
      DATABASE_URL: database.url,
      AUTH_SECRET: randomBytes(32).toString('hex'),
      BASE_URL: 'http://paws.example',
    };
    const [one, two] = await Promise.all(
      ['express', 'fastify'].map(
        async (adapter) =>
          new PawsProcess({ ...shared, HTTP_ADAPTER: adapter, PORT: await freePort() }),
      ),
    );
    await Promise.all([one!.ready(), two!.ready()]);
    const browser = () => [visitor(one!), visitor(two!)] as const;

    const [homeAtOne, homeAtTwo] = browser();
    await addDog(homeAtOne, 'Rex');
    homeAtOne.cookies.copyTo(homeAtTwo.cookies);
    const guest = await userOf(homeAtTwo);
    expect(guest).toMatchObject({ id: (await userOf(homeAtOne))?.id, isAnonymous: true });
    expect(await signUp(homeAtTwo)).toMatchObject({ body: { user: { id: guest?.id } } });
    expect(await userOf(homeAtOne)).toBeNull();
    homeAtTwo.cookies.copyTo(homeAtOne.cookies);
    expect(await userOf(homeAtOne)).toMatchObject({ id: guest?.id, isAnonymous: false });

    const [awayAtOne, awayAtTwo] = browser();
    await addDog(awayAtTwo, 'Luna');
    awayAtTwo.cookies.copyTo(awayAtOne.cookies);
    expect((await signIn(awayAtOne)).body.link.status).toBe('merged');
    expect(await userOf(awayAtTwo)).toBeNull();
    expect(await dogsOf(homeAtTwo)).toEqual(['Luna', 'Rex']);
    expect(await dogsOf(homeAtOne)).toEqual(['Luna', 'Rex']);

    expect(await Promise.all([one!.interrupt(), two!.interrupt()])).toEqual([0, 0]);
    await expectCleanDatabase(database.url);
  });
});

/** Somebody who reaches this instance by the address that both share. */
function visitor({ variables }: PawsProcess): HttpClient {
  return new HttpClient(`http://127.0.0.1:${variables.PORT}`, { origin: variables.BASE_URL });
}
