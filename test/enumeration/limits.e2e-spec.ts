import { eventually } from '../support/barrier.js';
import { mailboxOf } from '../support/mailbox.js';
import { newEmail } from '../support/sign-ups.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { ask, ASKERS, faceOf } from './askers.js';
import { concealing, provenAccount } from './known-addresses.js';

/** What a client may do is another matter: it is the same whatever the address. */
const CLIENTS = { guests: false, signUp: false, signIn: false, mail: false, codes: false } as const;

/** Askers by whom mail goes out to every address. */
const MAILING = [
  'sign-up of nobody',
  'upgrade of a guest, and what it is then',
  'change of address, and what is left',
  'magic link',
];

describe("the limits for one address, with enumeration: 'conceal'", () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp(concealing({ options: { throttle: CLIENTS } }));
  });
  afterAll(() => host.close());

  const lettersTo = (email: string) => mailboxOf(host).letters.filter(({ to }) => to === email);

  it.each([...MAILING, 'link to confirm an address', 'new password'])(
    'do not tell, though no more mail goes out: %s',
    async (name) => {
      const asker = ASKERS[name]!;
      const owner = await provenAccount(host);
      await host.sql('TRUNCATE auth_limits');
      const shared = asker.isOne ? await asker.client(host) : undefined;
      const [known, unknown] = [owner.email, newEmail()];
      const faces: Record<string, string[]> = { [known]: [], [unknown]: [] };
      const before = lettersTo(known).length;
      for (let n = 0; n < 6; n += 1) {
        for (const email of [known, unknown]) {
          const answers = await ask(shared ?? (await asker.client(host)), asker, email);
          faces[email]!.push(answers.map(faceOf).join());
        }
      }
      expect(new Set(faces[unknown]).size).toBe(1);
      expect(faces[known]).toEqual(faces[unknown]);
      // Mail leaves in the order in which it was asked for.
      const witness = newEmail();
      await host.browser().post('/auth/sign-in/magic-link', { email: witness });
      await eventually('the mail after it arrives', () => lettersTo(witness).length === 1);
      if (!MAILING.includes(name)) return;
      expect([lettersTo(known).length - before, lettersTo(unknown).length]).toEqual([3, 3]);
    },
  );

  it('come at the same time for both: sign-ups', async () => {
    const { email } = await provenAccount(host);
    await host.sql('TRUNCATE auth_limits');
    const faces: Record<string, string[]> = {};
    for (const address of [email, newEmail()]) {
      faces[address] = [];
      for (let n = 0; n < 12; n += 1) {
        const { status, text } = await host.browser().post('/auth/sign-up/email', {
          email: address,
          password: 'correct horse battery',
        });
        faces[address].push(`${status} ${text}`);
      }
    }
    const [known, unknown] = Object.values(faces);
    expect(known).toEqual(unknown);
    expect(known!.map((face) => face.slice(0, 3))).toEqual([
      ...Array.from({ length: 10 }, () => '200'),
      '429',
      '429',
    ]);
  });
});
