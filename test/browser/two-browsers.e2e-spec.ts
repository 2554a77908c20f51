import type { Page } from 'playwright-core';
import { ADA, signUp } from '../example/visitors.js';
import { ledgerOf } from '../support/links.js';
import { closeBrowser, describeInBrowser } from './support/chromium.js';
import {
  addDog,
  askForMail,
  becomes,
  expectDogs,
  newestMail,
  part,
  says,
  userOn,
} from './support/paws-page.js';
import { type Stage, story } from './support/story.js';

afterAll(closeBrowser);

const CODE = /^[A-Z2-9]{6}$/;

/** The code that the page shows, with the question whose it is. */
async function codeOn(page: Page): Promise<string> {
  const code = part(page, 'Account').locator('strong').filter({ hasText: CODE, visible: true });
  return (await code.first().textContent())!;
}

const answer = (page: Page, name: string) =>
  part(page, 'Account').getByRole('button', { name, exact: true }).click();

/** A guest with a dog asks for a link on a laptop; whoever reads the mail opens it on a phone. */
async function openedOnThePhone({ host, visitor }: Stage) {
  await signUp(host.browser());
  const owner = await visitor('laptop');
  const laptop = await owner.open();
  await addDog(laptop, 'Rex');
  const guest = (await userOn(laptop))!.id;
  await askForMail(laptop, 'Mail me a link');
  const link = (await newestMail(laptop)).getByRole('link', { name: 'Open the link' });
  const phone = await (
    await visitor('phone', {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    })
  ).open((await link.getAttribute('href'))!);
  await phone.getByRole('button', { name: 'Sign in' }).tap();
  await says(phone, 'You are signed in: nothing yet.');
  await says(phone, 'Another browser asked for the mail that you have opened.');
  return { owner, laptop, phone, guest };
}

describeInBrowser('a link in a mail that is opened in another browser', () => {
  it(
    'brings the dogs along once both have said that they see the same code',
    story({}, async (stage) => {
      const { owner, laptop, phone, guest } = await openedOnThePhone(stage);
      await says(laptop, 'Somebody has opened the mail that was asked for here');
      expect(await codeOn(phone)).toMatch(CODE);
      expect(await codeOn(laptop)).toBe(await codeOn(phone));
      await answer(laptop, 'Yes, that is me');
      await says(laptop, 'Now say yes in the other browser.');
      await laptop.reload();
      await says(laptop, 'Now say yes in the other browser.');
      await says(laptop, 'You are browsing as a guest: 1 dog.');
      await phone.reload();
      await answer(phone, 'Yes, that is me');
      await expectDogs(phone, ['Rex']);
      expect(await userOn(phone)).toMatchObject({ email: ADA.email });
      await says(laptop, 'All you had here is in your account.');
      await expectDogs(laptop, []);
      // The page looks every now and then, and may have been about to when the guest went.
      owner.forgive('status of 401 .*/auth/links');
      expect(await ledgerOf(stage.host, guest)).toMatchObject([{ status: 'merged' }]);
    }),
  );

  it(
    'moves nothing where the person on the phone is somebody else and says no',
    story({}, async (stage) => {
      const { laptop, phone, guest } = await openedOnThePhone(stage);
      await says(laptop, 'Somebody has opened the mail that was asked for here');
      await answer(laptop, 'Yes, that is me');
      await says(laptop, 'Now say yes in the other browser.');
      await answer(phone, 'No');
      await says(phone, 'You are signed in: nothing yet.');
      await becomes(async () => (await ledgerOf(stage.host, guest))[0]!.status, 'declined');
      await phone.reload();
      await expectDogs(phone, []);
      await laptop.reload();
      await says(laptop, 'You are browsing as a guest: 1 dog.');
      await expectDogs(laptop, ['Rex']);
    }),
  );

  it(
    'moves nothing where the guest says no',
    story({}, async (stage) => {
      const { laptop, phone, guest } = await openedOnThePhone(stage);
      await answer(phone, 'Yes, that is me');
      await laptop.reload();
      await answer(laptop, 'No');
      await becomes(async () => (await ledgerOf(stage.host, guest))[0]!.status, 'declined');
      await phone.reload();
      await says(phone, 'You are signed in: nothing yet.');
      await expectDogs(phone, []);
      await expectDogs(laptop, ['Rex']);
    }),
  );
});
