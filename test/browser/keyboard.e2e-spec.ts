import type { Locator, Page } from 'playwright-core';
import { ADA } from '../example/visitors.js';
import { closeBrowser, describeInBrowser } from './support/chromium.js';
import { expectDogs, part, says, userOn } from './support/paws-page.js';
import { story } from './support/story.js';

afterAll(closeBrowser);

const MOST_STOPS = 150;

/** Presses the key until this has the cursor, which must be seen there. */
async function goTo(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  for (let stop = 0; stop < MOST_STOPS; stop += 1) {
    await page.keyboard.press(key);
    if (!(await isHere(target))) continue;
    expect({ target: String(target), hasRing: await hasRing(target) }).toMatchObject({
      hasRing: true,
    });
    return;
  }
  throw new Error(`${key} never leads to ${String(target)}`);
}

const isHere = (target: Locator) =>
  target.evaluate((element) => element === document.activeElement);

/** Around the element, or around what stands for it. */
const hasRing = (target: Locator) =>
  target.evaluate((element) =>
    [element, element.nextElementSibling, element.parentElement].some(
      (shown) => shown !== null && getComputedStyle(shown).outlineStyle !== 'none',
    ),
  );

describeInBrowser('somebody with a keyboard only', () => {
  it(
    'gets from nothing to an account, out of it and back in',
    story({}, async ({ visitor }) => {
      const ada = await visitor('ada');
      const page = await ada.open();
      await goTo(page, page.getByRole('link', { name: 'Skip to the places' }));
      await page.keyboard.press('Enter');
      await goTo(page, page.getByLabel('Find a place'));
      await page.keyboard.type('beach');
      await says(page, /^\d+ places?$/);

      const dogs = part(page, 'Your dogs');
      await goTo(page, dogs.getByLabel('Name'));
      await page.keyboard.type('Rex');
      await page.keyboard.press('Enter');
      await says(page, 'You are browsing as a guest: 1 dog.');
      expect(await isHere(dogs.getByLabel('Name'))).toBe(true);
      await goTo(page, page.getByRole('link', { name: 'Keep it for good' }), 'Shift+Tab');
      await page.keyboard.press('Enter');

      const account = part(page, 'Account');
      const signUp = account.locator('form', { hasText: 'Create account' });
      await goTo(page, signUp.getByLabel('E-mail address'));
      await page.keyboard.type('ada');
      await goTo(page, signUp.getByLabel('Password'));
      await page.keyboard.type(ADA.password);
      await page.keyboard.press('Enter');
      await says(page, 'This must be');
      ada.expectProblem('status of 400');
      // The cursor is where something has to be changed.
      expect(await isHere(signUp.getByLabel('E-mail address'))).toBe(true);
      await page.keyboard.press('End');
      await page.keyboard.type('@example.com');
      await page.keyboard.press('Enter');
      await says(page, 'You are signed in: 1 dog.');

      await goTo(page, account.getByRole('button', { name: 'Sign out' }));
      await page.keyboard.press('Enter');
      await says(page, 'Looking around needs no account.');
      const signIn = account.locator('form', { hasText: 'Forgot your password?' });
      await goTo(page, signIn.getByLabel('Password'));
      await page.keyboard.type(ADA.password);
      await goTo(page, signIn.getByLabel('E-mail address'), 'Shift+Tab');
      await page.keyboard.type(ADA.email);
      await page.keyboard.press('Enter');
      await says(page, 'You are signed in: 1 dog.');
      await expectDogs(page, ['Rex']);
      expect(await userOn(page)).toMatchObject({ email: ADA.email, isAnonymous: false });
    }),
  );
});
