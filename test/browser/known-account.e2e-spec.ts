import { ADA, addDog as addDogOver, put, signUp } from '../example/visitors.js';
import { closeBrowser, describeInBrowser } from './support/chromium.js';
import {
  addDog,
  askForMail,
  becomes,
  expectDogs,
  openLink,
  part,
  receiptOn,
  says,
  signInAtProvider,
  signInOn,
  signOutOn,
  userOn,
} from './support/paws-page.js';
import { PICTURE } from './support/pictures.js';
import { type Stage, story } from './support/story.js';

afterAll(closeBrowser);

/** Ada has an account with Luna and a ball, and comes with another browser as a guest who has Luna, Rex and two balls. */
async function guestOfAnAccount({ host, visitor }: Stage) {
  const home = host.browser();
  await addDogOver(home, 'Luna');
  await put(home, 'ball', 1);
  const { body } = await signUp(home);
  const ada = await visitor('ada');
  const page = await ada.open();
  await addDog(page, 'Luna');
  await addDog(page, 'Rex', PICTURE);
  const ball = page.getByRole('button', { name: 'Add Tennis ball to the basket' });
  await ball.click();
  await says(page, 'In it: 1 tennis ball.');
  await ball.click();
  await says(page, 'You are browsing as a guest: 2 dogs, 1 photo and 2 in the basket.');
  return { ada, page, account: body.user.id as string, guest: (await userOn(page))!.id };
}

const RECEIPT = [
  '2 dogs',
  '1 photo',
  '1 dog of the same name: the newer entry stays, with the photos of both',
  '1 item in the basket: added up',
];

describeInBrowser('a guest of the page who has an account', () => {
  it(
    'finds everything there after signing in, and reads what has moved',
    story({}, async (stage) => {
      const { ada, page, account, guest } = await guestOfAnAccount(stage);
      await signInOn(page, { ...ADA, password: 'something else' });
      await says(page, 'This address and password do not belong together.');
      ada.expectProblem('status of 401');
      await says(page, 'You are browsing as a guest: 2 dogs');
      await signInOn(page);
      await says(page, 'You are signed in: 2 dogs, 1 photo and 3 in the basket.');
      await becomes(() => receiptOn(page), RECEIPT);
      await expectDogs(page, ['Luna', 'Rex']);
      expect(await userOn(page)).toMatchObject({ id: account });
      const users = await stage.host.sql('SELECT id FROM users WHERE id = $1', [guest]);
      expect(users).toEqual([]);
      await page.reload();
      await says(page, 'You are signed in: 2 dogs, 1 photo and 3 in the basket.');
    }),
  );

  it(
    'finds everything there after the link in a mail, and after the provider',
    story({ hasProvider: true }, async (stage) => {
      const { page, account } = await guestOfAnAccount(stage);
      await askForMail(page, 'Mail me a link');
      await openLink(page, 'Sign in');
      await says(page, 'You are signed in: 2 dogs, 1 photo and 3 in the basket.');
      await signOutOn(page);
      await addDog(page, 'Bo');
      await signInAtProvider(page);
      await says(page, 'You are signed in: 3 dogs, 1 photo and 3 in the basket.');
      await becomes(() => receiptOn(page), ['1 dog']);
      expect(await userOn(page)).toMatchObject({ id: account });
    }),
  );

  it(
    'is signed in while the move is still to come, and told so',
    story({}, async (stage) => {
      const { page } = await guestOfAnAccount(stage);
      await stage.host.sql(`CREATE FUNCTION break() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE EXCEPTION 'broken on purpose'; END $$`);
      await stage.host.sql(
        'CREATE TRIGGER break BEFORE UPDATE ON pet FOR EACH ROW EXECUTE FUNCTION break()',
      );
      await signInOn(page);
      await says(page, 'What you added as a guest is on its way: nothing is lost');
      await says(page, 'You are signed in: 1 dog and 1 in the basket.');
      await stage.host.sql('DROP TRIGGER break ON pet');
      await becomes(async () => {
        await part(page, 'Account').getByRole('button', { name: 'Look again' }).click();
        return (await page.getByText('You are signed in: 2 dogs').count()) > 0;
      }, true);
      await expectDogs(page, ['Luna', 'Rex']);
    }),
  );

  it(
    'is told that they have no connection, and loses nothing',
    story({}, async (stage) => {
      const { ada, page } = await guestOfAnAccount(stage);
      await ada.context.setOffline(true);
      await signInOn(page);
      await says(page, 'The server does not answer. Are you online?');
      ada.expectProblem('ERR_INTERNET_DISCONNECTED');
      await ada.context.setOffline(false);
      await signInOn(page);
      await becomes(() => receiptOn(page), RECEIPT);
    }),
  );
});
