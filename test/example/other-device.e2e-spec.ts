import { codeOn } from '../support/both-sides.js';
import { eventually } from '../support/barrier.js';
import { refusal } from '../support/expectations.js';
import { pressButton, tokenIn } from '../support/mailbox.js';
import type { TestApp } from '../support/test-app.js';
import { closePaws, startPaws } from './paws-app.js';
import { ADA, addDog, basketOf, dogsOf, put, signUp, userOf } from './visitors.js';

afterEach(closePaws);

/** The phone of an account, signed in by the mail that a guest has asked for at home. */
async function openedOnThePhone(host: TestApp) {
  await signUp(host.browser());
  const home = host.browser();
  await addDog(home, 'Rex');
  await put(home, 'ball', 2);
  await home.post('/auth/sign-in/magic-link', { email: ADA.email, callbackURL: '/#account' });
  const mail = await eventually('the mail', async () => (await home.get('/dev/inbox')).body[0]);
  const phone = host.browser();
  await pressButton(phone, tokenIn(mail));
  const [{ id }] = (await phone.get('/auth/links')).body;
  return { home, phone, path: `/auth/links/${id}` };
}

describe.each(['express', 'fastify'] as const)(
  'a mail of the example that is opened on another device, on %s',
  (adapter) => {
    const start = () => startPaws({ adapter, hasDevInbox: true });

    it('brings the dogs along when both say yes', async () => {
      const { home, phone, path } = await openedOnThePhone(await start());
      expect(await dogsOf(phone)).toEqual([]);
      const code = await codeOn(home, path);
      expect((await home.post(`${path}/confirm`, { code })).body).toMatchObject({
        status: 'awaiting-consent',
      });
      await addDog(home, 'Luna');
      expect((await phone.post(`${path}/confirm`, { code })).body).toMatchObject({
        status: 'merged',
        receipt: { tables: { pet: { moved: 2 }, basket: { moved: 1 } } },
      });
      expect(await dogsOf(phone)).toEqual(['Luna', 'Rex']);
      expect(await basketOf(phone)).toEqual({ ball: 2 });
      expect(await home.post('/pets', { name: 'Bo' })).toMatchObject(refusal(409, 'GUEST_MERGED'));
      expect(await userOf(home)).toBeNull();
      // Whoever has asked who they are is nobody, and may begin anew.
      await addDog(home, 'Bo');
      expect(await dogsOf(phone)).toEqual(['Luna', 'Rex']);
    });

    it('leaves the dogs where they are when one says no', async () => {
      const { home, phone, path } = await openedOnThePhone(await start());
      const code = await codeOn(home, path);
      await phone.post(`${path}/confirm`, { code });
      expect((await home.post(`${path}/decline`)).body).toMatchObject({ status: 'declined' });
      expect(await dogsOf(home)).toEqual(['Rex']);
      expect(await dogsOf(phone)).toEqual([]);
    });
  },
);
