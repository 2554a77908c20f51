import { createTestApp, type TestApp } from '../support/test-app.js';
import { newEmail } from '../support/sign-ups.js';
import { type Asker, ASKERS, concealing, faceOf, provenAccount } from './askers.js';

/** What is asked has nothing to do with the adapter, so one of them may do with fewer. */
const ADAPTERS = [
  ['express', 50],
  ['fastify', 10],
] as const;

describe.each(ADAPTERS)("enumeration: 'conceal' on %s", (adapter, each) => {
  let host: TestApp;
  let known: string[];
  beforeAll(async () => {
    host = await createTestApp(concealing({ adapter, poolSize: 10 }));
    known = [];
    for (let n = 0; n < each; n += 1) known.push((await provenAccount(host)).email);
  }, 120_000);
  afterAll(() => host.close());

  const rows = Object.entries(ASKERS);

  it.each(rows)(
    'answers known and unknown addresses alike: %s',
    async (_, asker) => {
      const shared = asker.path === '/auth/change-email' ? await asker.client(host) : undefined;
      const ask = async (email: string) => {
        const client = shared ?? (await asker.client(host));
        return faceOf(await client.post(asker.path, asker.body(email)));
      };
      const faces = { known: new Set<string>(), unknown: new Set<string>() };
      for (const email of known) {
        faces.known.add(await ask(email));
        faces.unknown.add(await ask(newEmail()));
      }
      expect(faces.known.size).toBe(1);
      expect(faces.unknown).toEqual(faces.known);
      expect([...faces.known][0]).not.toContain('EMAIL_TAKEN');
    },
    120_000,
  );

  it.each(rows)('does the same work for both: %s', async (_, asker) => {
    const work = await workFor(host, asker);
    expect(await work(newEmail())).toEqual(await work(known[0]!));
  });
});

/** The statements of a request for an address. */
async function workFor(host: TestApp, asker: Asker) {
  // The first password of an address that nobody has makes the hash that the others are compared with.
  await host.browser().post('/auth/sign-in/email', {
    email: newEmail(),
    password: 'a wrong password',
  });
  return async (email: string): Promise<string[]> => {
    const client = await asker.client(host);
    host.statements.length = 0;
    const { status } = await client.post(asker.path, asker.body(email));
    expect(status).toBeLessThan(402);
    return [...host.statements];
  };
}
