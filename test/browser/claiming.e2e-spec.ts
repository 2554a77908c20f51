import { ADA, signUp } from '../example/visitors.js';
import { closeBrowser, describeInBrowser } from './support/chromium.js';
import {
  addDog,
  askForMail,
  expectDogs,
  newestMail,
  openLink,
  part,
  says,
  signInAtProvider,
  signInOn,
  signOutOn,
  signUpOn,
  userOn,
} from './support/paws-page.js';
import { PICTURE } from './support/pictures.js';
import { type Stage, story } from './support/story.js';

afterAll(closeBrowser);

/** A guest with a dog that has a picture. */
async function guestWithDog({ visitor }: Stage) {
  const ada = await visitor('ada');
  const page = await ada.open();
  await says(page, 'Looking around needs no account.');
  expect(await ada.cookies()).toEqual({});
  await addDog(page, 'Rex', PICTURE);
  await says(page, 'You are browsing as a guest: 1 dog and 1 photo.');
  const guest = await userOn(page);
  expect(guest).toMatchObject({ isAnonymous: true });
  return { ada, page, id: guest!.id };
}

describeInBrowser('a guest of the page becomes an account', () => {
  it.each(['express', 'fastify'] as const)(
    'by a password, with the same id and the dog, on %s',
    async (adapter) => {
      await story({ adapter }, async (stage) => {
        const { page, id } = await guestWithDog(stage);
        await page.reload();
        await says(page, 'You are browsing as a guest: 1 dog and 1 photo.');
        await signUpOn(page);
        await says(page, 'Your account is made. All you had as a guest is still here');
        expect(await userOn(page)).toMatchObject({ id, isAnonymous: false, email: ADA.email });
        await page.reload();
        await says(page, 'You are signed in: 1 dog and 1 photo.');
        await expectDogs(page, ['Rex']);
        await part(page, 'Your dogs').getByRole('img', { name: 'Rex, a picture' }).waitFor();
      })();
    },
  );

  it(
    'by a link in a mail',
    story({}, async (stage) => {
      const { page, id } = await guestWithDog(stage);
      await askForMail(page, 'Mail me a link');
      await openLink(page, 'Sign in');
      await says(page, 'Your account is made.');
      await says(page, 'You are signed in: 1 dog and 1 photo.');
      expect(new URL(page.url()).hash).toBe('#account');
      expect(await userOn(page)).toMatchObject({ id, isAnonymous: false, emailVerified: true });
      await expectDogs(page, ['Rex']);
    }),
  );

  it(
    'by a code in a mail, after one that is wrong',
    story({}, async (stage) => {
      const { ada, page, id } = await guestWithDog(stage);
      await askForMail(page, 'Mail me a code');
      const code = await (await newestMail(page)).locator('strong').textContent();
      const form = part(page, 'Account').locator('form', { hasText: 'The code in the mail' });
      await form.getByLabel('The code in the mail').fill(code === '000000' ? '000001' : '000000');
      await form.getByRole('button', { name: 'Sign in' }).click();
      await says(page, 'That is wrong, or too old.');
      ada.expectProblem('status of 400');
      await form.getByLabel('The code in the mail').fill(` ${code} `);
      await form.getByRole('button', { name: 'Sign in' }).click();
      await says(page, 'You are signed in: 1 dog and 1 photo.');
      expect(await userOn(page)).toMatchObject({ id, isAnonymous: false });
    }),
  );

  it(
    'by the provider, after having changed their mind once',
    story({ hasProvider: true }, async (stage) => {
      const { page, id } = await guestWithDog(stage);
      await page.getByRole('button', { name: 'Sign in with dev' }).click();
      await page.getByRole('button', { name: 'Cancel' }).click();
      await says(page, 'You have not signed in there. Nothing has changed here.');
      await says(page, 'You are browsing as a guest: 1 dog and 1 photo.');
      await signInAtProvider(page);
      await says(page, 'Your account is made. All you had as a guest is still here');
      expect(await userOn(page)).toMatchObject({ id, isAnonymous: false, email: ADA.email });
      await expectDogs(page, ['Rex']);
      await page.reload();
      await says(page, 'You are signed in: 1 dog and 1 photo.');
    }),
  );

  it(
    'only once the address is proven, where that is required',
    story({ emailVerification: 'required' }, async (stage) => {
      const { page, id } = await guestWithDog(stage);
      await signUpOn(page);
      await says(page, 'Your account is made when you open the link.');
      await page.reload();
      await says(page, 'You are browsing as a guest: 1 dog and 1 photo.');
      await signUpOn(page);
      await openLink(page, 'Sign up');
      await says(page, 'You are signed in: 1 dog and 1 photo.');
      expect(await userOn(page)).toMatchObject({ id, isAnonymous: false, emailVerified: true });
      await signOutOn(page);
      await signInOn(page);
      await says(page, 'You are signed in: 1 dog and 1 photo.');
    }),
  );

  it(
    'and is told in the form what is wrong with it',
    story({}, async (stage) => {
      await signUp(stage.host.browser());
      const { ada, page, id } = await guestWithDog(stage);
      await signUpOn(page, { ...ADA, email: 'ada' });
      await says(page, 'This must be an e-mail address.');
      ada.expectProblem('status of 400');
      const form = part(page, 'Account').locator('form', { hasText: 'Create account' });
      expect(await form.getByLabel('E-mail address').getAttribute('aria-invalid')).toBe('true');
      await signUpOn(page);
      await says(page, 'This address has an account already.');
      ada.expectProblem('status of 409');
      await says(page, 'You are browsing as a guest: 1 dog and 1 photo.');
      expect(await userOn(page)).toMatchObject({ id, isAnonymous: true });
    }),
  );
});
