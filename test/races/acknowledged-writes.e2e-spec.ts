import { randomUUID } from 'node:crypto';
import { expectCleanDatabase } from '../support/checker.js';
import type { HttpAnswer } from '../support/http-client.js';
import { FAST_RETRY, linkInState, signIn } from '../support/links.js';
import { MeetingHashing } from '../support/meeting-hashing.js';
import { bearer, newAccount, newGuest, type Person } from '../support/people.js';
import { StrictNotesController } from '../support/strict-notes.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const GUESTS = 60;
const AT_ONCE = 10;
const WRITERS = 3;

interface Write {
  readonly text: string;
  readonly status: number;
}

/** What a guest does to itself, and who owns afterwards what it has written; `null` for nobody. */
interface Turn {
  readonly answer: HttpAnswer;
  readonly ownerId: string | null;
}

const newLogin = () => ({
  email: `${randomUUID()}@example.com`,
  password: 'correct horse battery',
});
const jitter = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 20));

describe('writes of a guest that three clients send while something happens to it', () => {
  let instances: [TestApp, TestApp];
  beforeAll(async () => {
    const settings = {
      options: {
        linking: { ...FAST_RETRY, budget: '8s' as const },
        password: { hash: new MeetingHashing() },
      },
      controllers: [StrictNotesController],
    };
    const host = await createTestApp(settings);
    instances = [host, await createTestApp({ ...settings, databaseUrl: host.databaseUrl })];
  });
  afterAll(async () => {
    for (const host of instances.toReversed()) await host.close();
  });

  const turns: Record<string, (guest: Person) => Promise<Turn>> = {
    'signs in': async ({ client }) => {
      const account = await newAccount(instances[1]);
      await jitter();
      return { answer: await signIn({ client }, account), ownerId: account.userId };
    },
    upgrades: async ({ client, userId }) => {
      await jitter();
      return { answer: await client.post('/auth/anonymous/upgrade', newLogin()), ownerId: userId };
    },
    'deletes itself': async ({ client }) => {
      await jitter();
      return { answer: await client.delete('/auth/anonymous'), ownerId: null };
    },
  };

  /** One client: goes on until it is refused. */
  async function writeOn(host: TestApp, { token, userId }: Person, writer: number) {
    const writes: Write[] = [];
    const client = bearer(host, token);
    while (writes.every(({ status }) => status === 201)) {
      const text = `${userId}: ${writer}.${writes.length}`;
      writes.push({ text, status: (await client.post('/strict-notes', { text })).status });
    }
    return writes;
  }

  async function live(turn: (guest: Person) => Promise<Turn>) {
    const guest = await newGuest(instances[0]);
    const [{ answer, ownerId }, ...written] = await Promise.all([
      turn(guest),
      ...Array.from({ length: WRITERS }, (_, n) => writeOn(instances[n % 2]!, guest, n)),
    ]);
    expect(answer.status).toBe(200);
    if (answer.body.link) await linkInState(instances[0], guest.userId, 'merged');
    return { guest, ownerId, writes: written.flat() };
  }

  const keptOf = (guest: Person) =>
    instances[0].sql<{ text: string; user_id: string }>(
      `SELECT text, user_id FROM note WHERE text LIKE $1 || ': %' ORDER BY text`,
      [guest.userId],
    );

  it.each(Object.keys(turns))(
    'are there once each if they were acknowledged, else never, when it %s',
    async (name) => {
      for (let done = 0; done < GUESTS / Object.keys(turns).length; done += AT_ONCE) {
        const lives = await Promise.all(Array.from({ length: AT_ONCE }, () => live(turns[name]!)));
        for (const { guest, ownerId, writes } of lives) {
          const kept = writes.filter(({ status }) => ownerId !== null && status === 201);
          const texts = kept.map(({ text }) => text).toSorted();
          expect(await keptOf(guest)).toEqual(texts.map((text) => ({ text, user_id: ownerId })));
          const refusals = writes.filter(({ status }) => status !== 201);
          expect(refusals).toHaveLength(WRITERS);
          expect(refusals.filter(({ status }) => status !== 401 && status !== 409)).toEqual([]);
        }
      }
    },
    60_000,
  );

  it('leave a clean database behind', () => expectCleanDatabase(instances[0].databaseUrl));
});
