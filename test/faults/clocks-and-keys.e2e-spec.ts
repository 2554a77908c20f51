import { Clock } from '../../src/index.js';
import { guestWithNotes, NO_RETRY, notesOf, signIn } from '../support/links.js';
import { bearer, newAccount, newGuest } from '../support/people.js';
import { closeApps, startApp, startBeside } from '../support/running-apps.js';
import { SECRET, type TestApp } from '../support/test-app.js';
import { TestClock } from '../support/test-clock.js';
import { age, reap } from '../reaper/stale.js';

const NEW_SECRET = 'another secret for tests that is long enough to sign';
const EVERYBODY = 6;

afterEach(closeApps);

/** Guests and accounts of one instance who go on at another. @returns how each was received. */
async function wander(from: TestApp, to: TestApp): Promise<number[]> {
  const people = await Promise.all(
    Array.from({ length: EVERYBODY }, (_, n) => (n % 2 ? newGuest(from) : newAccount(from))),
  );
  return Promise.all(
    people.map(async ({ token }) => (await bearer(to, token).get('/access/session')).status),
  );
}

const ALL_WELL = Array<number>(EVERYBODY).fill(200);

describe('a secret that is replaced, one instance after the other', () => {
  const STEPS = [[SECRET], [SECRET, NEW_SECRET], [NEW_SECRET, SECRET], [NEW_SECRET]];
  const options = (secrets: string[]) => ({ options: { secret: undefined, secrets } });

  it('signs nobody out on the way, and makes old tokens worth nothing in the end', async () => {
    const instances = [await startApp(options(STEPS[0]!))];
    for (const secrets of STEPS.slice(1)) {
      instances.push(await startBeside(instances[0]!, options(secrets)));
    }
    const [first, announced, signing, last] = instances as [TestApp, TestApp, TestApp, TestApp];
    const old = await newAccount(first);
    for (const [one, other] of [
      [first, announced],
      [announced, signing],
    ] as const) {
      expect(await wander(one, other)).toEqual(ALL_WELL);
      expect(await wander(other, one)).toEqual(ALL_WELL);
    }
    expect(await wander(signing, last)).toEqual(ALL_WELL);
    expect(await wander(last, signing)).toEqual(ALL_WELL);
    expect((await bearer(last, old.token).get('/access/session')).status).toBe(401);
  });
});

describe('an instance whose clock is wrong', () => {
  async function startWith(hours: number): Promise<{ right: TestApp; wrong: TestApp }> {
    const clock = new TestClock();
    const right = await startApp({ options: { linking: NO_RETRY } });
    const overrides = [{ token: Clock, value: clock }];
    const wrong = await startBeside(right, { options: { linking: NO_RETRY }, overrides });
    clock.advance({ hours });
    return { right, wrong };
  }

  it.each([1, -1, 24])(
    'by %i h ends no session in Postgres and reaps nobody early',
    async (hours) => {
      const { right, wrong } = await startWith(hours);
      const account = await newAccount(right);
      const guest = await guestWithNotes(right, 'mine');
      const young = await newGuest(right);
      const old = await newGuest(right);
      await age(right, 29 * 24, young.userId);
      await age(right, 31 * 24, old.userId);
      expect(await reap(wrong)).toMatchObject({ reaped: 1 });
      expect((await bearer(right, young.token).get('/access/session')).status).toBe(200);
      expect(await signIn(guest, account)).toMatchObject({ body: { link: { status: 'merged' } } });
      expect(await notesOf(right, account.userId)).toEqual(['mine']);
      expect((await account.client.get('/access/account')).status).toBe(200);
    },
  );

  it('by an hour ahead takes the sessions of the others; one behind refuses what it must think forged', async () => {
    const ahead = await startWith(1);
    expect(await wander(ahead.right, ahead.wrong)).toEqual(ALL_WELL);
    const behind = await startWith(-1);
    expect(await wander(behind.right, behind.wrong)).toEqual(Array(EVERYBODY).fill(401));
    // Nothing is ended by that: where the clock is right they are as good as before.
    expect(await wander(behind.wrong, behind.right)).toEqual(ALL_WELL);
  });
});
