import type { Locator, Page } from 'playwright-core';
import { ADA, addDog as addDogOver, signUp } from '../example/visitors.js';
import { ledgerOf } from '../support/links.js';
import { closeBrowser, describeInBrowser } from './support/chromium.js';
import {
  addDog,
  becomes,
  expectDogs,
  receiptOn,
  says,
  signInOn,
  userOn,
} from './support/paws-page.js';
import { PICTURE } from './support/pictures.js';
import { type Stage, story } from './support/story.js';

afterAll(closeBrowser);

const question = (page: Page): Locator => page.getByRole('dialog');

const press = (page: Page, name: string) =>
  question(page).getByRole('button', { name, exact: true }).click();

/** Ada, whose account has Luna, has signed in as a guest who has Luna, Rex and a picture, and is asked. */
async function asked({ host, visitor }: Stage) {
  const home = host.browser();
  await addDogOver(home, 'Luna');
  await signUp(home);
  const ada = await visitor('ada');
  const page = await ada.open();
  await addDog(page, 'Luna');
  await addDog(page, 'Rex', PICTURE);
  const guest = (await userOn(page))!.id;
  const guestCookies = await ada.context.cookies();
  await signInOn(page);
  await question(page).getByText('Bring 2 dogs and 1 photo?').waitFor();
  return { ada, page, guest, guestCookies };
}

describeInBrowser('a person who is asked before anything moves', () => {
  it(
    'brings everything along, after a reload too',
    story({ linkPolicy: 'ask' }, async (stage) => {
      const { page, guest } = await asked(stage);
      await expectDogs(page, ['Luna']);
      await page.reload();
      await question(page).getByText('Bring 2 dogs and 1 photo?').waitFor();
      await press(page, 'Bring them');
      await expectDogs(page, ['Luna', 'Rex']);
      await question(page).waitFor({ state: 'hidden' });
      await becomes(
        () => receiptOn(page),
        [
          '2 dogs',
          '1 photo',
          '1 dog of the same name: the newer entry stays, with the photos of both',
        ],
      );
      expect(await ledgerOf(stage.host, guest)).toMatchObject([{ status: 'merged' }]);
      await page.reload();
      await says(page, 'You are signed in: 2 dogs and 1 photo.');
      expect(await question(page).count()).toBe(0);
    }),
  );

  it(
    'leaves them behind, and brings them along after all',
    story({ linkPolicy: 'ask' }, async (stage) => {
      const { page, guest } = await asked(stage);
      await press(page, 'Leave them behind');
      await question(page).waitFor({ state: 'hidden' });
      await expectDogs(page, ['Luna']);
      await becomes(async () => (await ledgerOf(stage.host, guest))[0]!.status, 'declined');
      await page.reload();
      await says(page, 'You are signed in: 1 dog.');
      await page.getByRole('button', { name: 'Bring them along after all' }).click();
      await question(page).getByText('Bring 2 dogs and 1 photo?').waitFor();
      await press(page, 'Bring them');
      await expectDogs(page, ['Luna', 'Rex']);
    }),
  );

  it(
    'is asked again later, whether they say so or press Escape',
    story({ linkPolicy: 'ask' }, async (stage) => {
      const { page, guest } = await asked(stage);
      await press(page, 'Not now');
      await question(page).waitFor({ state: 'hidden' });
      await page.reload();
      await question(page).waitFor();
      await page.keyboard.press('Escape');
      await question(page).waitFor({ state: 'hidden' });
      expect(await ledgerOf(stage.host, guest)).toMatchObject([{ status: 'awaiting-consent' }]);
      await expectDogs(page, ['Luna']);
      await page.reload();
      await question(page).getByText('Bring 2 dogs and 1 photo?').waitFor();
    }),
  );

  it(
    'is shown what has changed, where the guest has made more since',
    story({ linkPolicy: 'ask' }, async (stage) => {
      const { ada, page, guestCookies } = await asked(stage);
      // A tab of the guest that was still sending.
      const late = stage.host.browser();
      for (const { name, value } of guestCookies) late.cookies.set(name, value);
      await addDogOver(late, 'Bo');
      await press(page, 'Bring them');
      await question(page).getByText('Bring 3 dogs and 1 photo?').waitFor();
      ada.expectProblem('status of 409');
      await expectDogs(page, ['Luna']);
      await press(page, 'Bring them');
      await expectDogs(page, ['Bo', 'Luna', 'Rex']);
    }),
  );

  it(
    'keeps the cursor in the question, and gets it back afterwards',
    story({ linkPolicy: 'ask' }, async (stage) => {
      const { page } = await asked(stage);
      const isInside = () =>
        question(page).evaluate((dialog) => dialog.contains(document.activeElement));
      expect(await isInside()).toBe(true);
      for (let stop = 0; stop < 3; stop += 1) {
        await page.keyboard.press('Tab');
        expect(await isInside()).toBe(true);
      }
      await page.keyboard.press('Escape');
      await question(page).waitFor({ state: 'hidden' });
      expect(await page.evaluate(() => document.activeElement?.tagName)).not.toBe('BODY');
    }),
  );
});

describeInBrowser('a person whose account keeps to itself', () => {
  it(
    'may bring them along when they say so',
    story({ linkPolicy: 'keep' }, async ({ host, visitor }) => {
      await signUp(host.browser());
      const page = await (await visitor('ada')).open();
      await addDog(page, 'Rex');
      await signInOn(page, ADA);
      await expectDogs(page, []);
      await page.getByRole('button', { name: 'Bring them along after all' }).click();
      await question(page).getByText('Bring 1 dog?').waitFor();
      await press(page, 'Bring them');
      await expectDogs(page, ['Rex']);
    }),
  );
});
