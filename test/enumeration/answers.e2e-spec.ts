import { randomInt } from 'node:crypto';
import type { PasswordHashing } from '../../src/index.js';
import { newEmail, signInBy } from '../support/sign-ups.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { ask, type Asker, ASKERS, faceOf } from './askers.js';
import { concealing, knownAddresses } from './known-addresses.js';

/** Notes in the list of statements what is hashed and compared: it takes longer than all of them. */
class NotedHashing implements PasswordHashing {
  constructor(private readonly noted: () => string[]) {}

  async hash(password: string): Promise<string> {
    this.noted().push('hash');
    return `plain:${password}`;
  }

  async verify(hash: string, password: string): Promise<boolean> {
    this.noted().push('verify');
    return hash === `plain:${password}`;
  }
}

/** What is asked has nothing to do with the adapter, so one of them may do with fewer. */
const ADAPTERS = [
  ['express', 10],
  ['fastify', 2],
] as const;

describe.each(ADAPTERS)("enumeration: 'conceal' on %s", (adapter, each) => {
  let host: TestApp;
  let known: [kind: string, email: string][];
  beforeAll(async () => {
    const hash = new NotedHashing(() => host.statements);
    host = await createTestApp(concealing({ adapter, options: { password: { hash } } }));
    known = await knownAddresses(host, each);
  }, 60_000);
  afterAll(() => host.close());

  const rows = Object.entries(ASKERS);

  it.each(rows)(
    'answers known and unknown addresses alike: %s',
    async (_, asker) => {
      const browser = await browsersOf(host, asker);
      const faces = new Map<string, Set<string>>();
      const unknown = known.map((): [string, string] => ['nobody', newEmail()]);
      for (const [kind, email] of shuffled([...known, ...unknown])) {
        const answers = await ask(await browser(), asker, email);
        const face = answers.map((answer) => faceOf(answer).replaceAll(email, '<email>')).join();
        faces.set(kind, (faces.get(kind) ?? new Set()).add(face));
      }
      const { nobody, ...others } = Object.fromEntries(faces);
      expect(nobody!.size).toBe(1);
      expect(others).toEqual(Object.fromEntries(known.map(([kind]) => [kind, nobody])));
    },
    60_000,
  );

  it.each(rows)('does the same work for both: %s', async (_, asker) => {
    const browser = await browsersOf(host, asker);
    // The first password of an address that nobody has makes the hash that all the others are compared with.
    expect((await signInBy(host, newEmail())).status).toBe(401);
    const workFor = async (email: string) => {
      const client = await browser();
      host.statements.length = 0;
      await ask(client, asker, email);
      return [...host.statements];
    };
    const forNobody = await workFor(newEmail());
    expect(forNobody).not.toEqual([]);
    for (const [kind, email] of new Map(known)) {
      expect({ kind, work: await workFor(email) }).toEqual({ kind, work: forNobody });
    }
  });
});

/** Another browser each time, where not all ask with one. */
async function browsersOf(host: TestApp, { client, isOne }: Asker) {
  const shared = isOne ? await client(host) : undefined;
  return async () => shared ?? (await client(host));
}

function shuffled<Item>(items: Item[]): Item[] {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = randomInt(last + 1);
    [items[last], items[other]] = [items[other]!, items[last]!];
  }
  return items;
}
