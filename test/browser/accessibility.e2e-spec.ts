import { addDog as addDogOver, put, signUp } from '../example/visitors.js';
import { expectAccessible } from './support/axe.js';
import { closeBrowser, describeInBrowser } from './support/chromium.js';
import {
  addDog,
  askForMail,
  newestMail,
  part,
  says,
  signInOn,
  signUpOn,
} from './support/paws-page.js';
import { PICTURE } from './support/pictures.js';
import { story } from './support/story.js';

afterAll(closeBrowser);

describeInBrowser('the page has nothing in it that keeps anybody out', () => {
  it(
    'from the start to a guest and what goes wrong in forms',
    story({ hasProvider: true }, async ({ host, visitor }) => {
      await signUp(host.browser());
      const ada = await visitor('ada');
      const page = await ada.open();
      await says(page, 'Looking around needs no account.');
      await expectAccessible(page, 'the start');
      await addDog(page, 'Rex', PICTURE);
      await part(page, 'Your dogs').getByText('Add a picture').click();
      await says(page, 'You are browsing as a guest: 1 dog and 1 photo.');
      await expectAccessible(page, 'a guest with a dog');
      const dogs = part(page, 'Your dogs');
      await dogs.getByLabel('Name').fill('Rex');
      await dogs.getByRole('button', { name: 'Add dog' }).click();
      await says(page, 'You have a dog of this name already.');
      await signUpOn(page);
      await says(page, 'This address has an account already.');
      ada.expectProblem('status of 409');
      await askForMail(page, 'Mail me a code', 'bo@example.com');
      await newestMail(page, 'bo@example.com');
      await expectAccessible(page, 'errors, and a code to type');
    }),
  );

  it(
    'in the question, in the receipt and in the account',
    story({ linkPolicy: 'ask' }, async ({ host, visitor }) => {
      const home = host.browser();
      await addDogOver(home, 'Rex');
      await put(home, 'ball', 1);
      await signUp(home);
      const page = await (await visitor('ada')).open();
      await addDog(page, 'Rex', PICTURE);
      await addDog(page, 'Luna');
      await signInOn(page);
      const question = page.getByRole('dialog', { name: 'Bring 2 dogs and 1 photo?' });
      await question.waitFor();
      await expectAccessible(page, 'the question');
      await page.keyboard.press('Escape');
      await question.waitFor({ state: 'hidden' });
      await expectAccessible(page, 'what was left behind');
      await page.getByRole('button', { name: 'Bring them along' }).click();
      await question.getByRole('button', { name: 'Bring them', exact: true }).click();
      await says(page, 'Now in your account');
      await expectAccessible(page, 'the receipt');
      await page.reload();
      await says(page, 'You are signed in: 2 dogs');
      await expectAccessible(page, 'an account');
    }),
  );

  it(
    'in the pages behind a link, and in the question in both browsers',
    story({}, async ({ host, visitor }) => {
      await signUp(host.browser());
      const laptop = await (await visitor('laptop')).open();
      await addDog(laptop, 'Rex');
      await askForMail(laptop, 'Mail me a link');
      const link = (await newestMail(laptop)).getByRole('link', { name: 'Open the link' });
      const phone = await (await visitor('phone')).open((await link.getAttribute('href'))!);
      await expectAccessible(phone, 'the page of the link');
      await phone.getByRole('button', { name: 'Sign in' }).click();
      await says(phone, 'Another browser asked for the mail that you have opened.');
      await expectAccessible(phone, 'the question of the account');
      await says(laptop, 'Somebody has opened the mail that was asked for here');
      await expectAccessible(laptop, 'the question of the guest');
    }),
  );
});
