import { Argon2idHashing } from '../../src/auth/password/argon2id.hashing.js';
import { newEmail } from '../support/sign-ups.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { ask, ASKERS } from './askers.js';
import { concealing, provenAccount } from './known-addresses.js';

const PAIRS = 40;

const median = (times: readonly number[]) =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;

async function timed(act: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await act();
  return performance.now() - begun;
}

describe('how long it takes to answer', () => {
  const hashing = new Argon2idHashing();
  let host: TestApp;
  let known: string[];
  beforeAll(async () => {
    host = await createTestApp(concealing({ options: { password: {} } }));
    known = [];
    for (let n = 0; n < 8; n += 1) known.push((await provenAccount(host)).email);
  }, 60_000);
  afterAll(() => host.close());

  // What can be counted is counted elsewhere. This is for what else there may be, such as a password that is compared
  // with a hash that is none: a machine that is busy is no reason to fail, so one hash is measured along with each pair.
  it.each([
    'sign-up of nobody',
    'upgrade of a guest, and what it is then',
    'sign-in with a wrong password',
    'magic link',
    'new password',
  ])(
    'says nothing about an address: %s',
    async (name) => {
      const asker = ASKERS[name]!;
      const [hashes, differences]: [number[], number[]] = [[], []];
      for (let n = -2; n < PAIRS; n += 1) {
        const times: Record<string, number> = {};
        const pair = [known[(n + 2) % known.length]!, newEmail()];
        // Whoever comes first may pay for what the one before has left.
        for (const email of n % 2 === 0 ? pair : pair.toReversed()) {
          const client = await asker.client(host);
          times[email] = await timed(() => ask(client, asker, email));
        }
        const hash = await timed(() => hashing.hash('a password'));
        if (n < 0) continue;
        hashes.push(hash);
        differences.push(times[pair[0]!]! - times[pair[1]!]!);
      }
      expect(Math.abs(median(differences))).toBeLessThan(median(hashes) / 2);
    },
    120_000,
  );
});
