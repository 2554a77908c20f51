import { newEmail } from '../support/sign-ups.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { ASKERS, concealing, provenAccount } from './askers.js';

const SAMPLES = 40;
/** A password that is hashed for one of them alone takes many times as long as this. */
const MOST_APART = 0.25;
const MOST_APART_MS = 8;

const median = (times: readonly number[]) =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;

describe('how long it takes to answer', () => {
  let host: TestApp;
  let known: string[];
  beforeAll(async () => {
    host = await createTestApp(concealing());
    known = [];
    for (let n = 0; n < 8; n += 1) known.push((await provenAccount(host)).email);
  });
  afterAll(() => host.close());

  it.each(['sign-up of nobody', 'sign-in with a wrong password', 'magic link', 'new password'])(
    'says nothing about an address: %s',
    async (name) => {
      const { path, body } = ASKERS[name]!;
      const times = { known: [] as number[], unknown: [] as number[] };
      const timed = async (into: number[], email: string) => {
        const begun = performance.now();
        await host.browser().post(path, body(email));
        into.push(performance.now() - begun);
      };
      // In turn, so that whatever else the machine does is the same for both.
      for (let n = -3; n < SAMPLES; n += 1) {
        const warm = n < 0;
        await timed(warm ? [] : times.known, known[(n + 3) % known.length]!);
        await timed(warm ? [] : times.unknown, newEmail());
      }
      const [one, other] = [median(times.known), median(times.unknown)];
      expect(Math.abs(one - other)).toBeLessThan(
        Math.max(MOST_APART_MS, MOST_APART * Math.min(one, other)),
      );
    },
    60_000,
  );
});
