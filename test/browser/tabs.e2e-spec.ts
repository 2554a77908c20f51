import type { Page, Route } from 'playwright-core';
import { Barrier, eventually } from '../support/barrier.js';
import { closeBrowser, describeInBrowser } from './support/chromium.js';
import { addDog, expectDogs, part, says, signOutOn, signUpOn } from './support/paws-page.js';
import { type Stage, story } from './support/story.js';
import type { Visitor } from './support/visitor.js';

afterAll(closeBrowser);

/** Holds back everything that the tabs write, until the test opens the barrier. */
async function holdWrites({ context }: Visitor): Promise<Barrier> {
  const barrier = new Barrier();
  const hold = async (route: Route) => {
    if (route.request().method() !== 'GET') await barrier.pass();
    await route.continue();
  };
  await context.route('**/*', hold);
  return barrier;
}

async function send(page: Page, dog: string): Promise<void> {
  const dogs = part(page, 'Your dogs');
  await dogs.getByLabel('Name').fill(dog);
  await dogs.getByRole('button', { name: 'Add dog' }).click();
}

/** How many tabs wait for another one. */
const waitingTabs = (page: Page) =>
  page.evaluate(async () => (await navigator.locks.query()).pending!.length);

async function expectOneGuest({ host }: Stage, tabs: readonly Page[]): Promise<void> {
  for (const page of tabs) {
    await page.reload();
    await expectDogs(page, ['Luna', 'Rex']);
    await says(page, 'You are browsing as a guest: 2 dogs.');
  }
  expect(await host.sql('SELECT is_anonymous FROM users')).toEqual([{ is_anonymous: true }]);
}

describeInBrowser('two tabs of one browser', () => {
  it(
    'end in one guest when both add their first dog at once',
    story({}, async (stage) => {
      const ada = await stage.visitor('ada');
      const tabs = [await ada.open(), await ada.open()] as const;
      const writes = await holdWrites(ada);
      await send(tabs[0], 'Rex');
      await writes.reached(1);
      await send(tabs[1], 'Luna');
      // One tab writes, and the other knows.
      await eventually('the other tab waits', () => waitingTabs(tabs[1]));
      writes.open();
      await says(tabs[0], 'Rex is on your list.');
      await says(tabs[1], 'Luna is on your list.');
      await expectOneGuest(stage, tabs);
    }),
  );

  it(
    'end in one guest without locks too, where both ask for one at the very same time',
    story({}, async (stage) => {
      const ada = await stage.visitor('ada');
      await ada.context.addInitScript(() => {
        Object.defineProperty(navigator, 'locks', { value: undefined });
      });
      const tabs = [await ada.open(), await ada.open()] as const;
      const writes = await holdWrites(ada);
      await Promise.all([send(tabs[0], 'Rex'), send(tabs[1], 'Luna')]);
      await writes.reached(2);
      writes.open();
      await says(tabs[0], 'Rex is on your list.');
      await says(tabs[1], 'Luna is on your list.');
      await expectOneGuest(stage, tabs);
    }),
  );

  it(
    'both notice a sign-out in one of them',
    story({}, async ({ visitor }) => {
      const ada = await visitor('ada');
      const [first, second] = [await ada.open(), await ada.open()];
      await addDog(first, 'Rex');
      await signUpOn(first);
      await says(first, 'You are signed in: 1 dog.');
      await second.bringToFront();
      await becomeVisible(second);
      await says(second, 'You are signed in: 1 dog.');
      await signOutOn(first);
      await becomeVisible(second);
      await says(second, 'Looking around needs no account.');
      await expectDogs(second, []);
    }),
  );
});

/** A headless browser shows all of its tabs at once, and so never says that one has come to the front. */
const becomeVisible = (page: Page) =>
  page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));

/** Whatever is left of Ada and Rex in the document or in its fields. The dev inbox is everybody's. */
const tracesOn = (page: Page) =>
  page.evaluate(() => {
    const body = document.body.cloneNode(true) as HTMLElement;
    body.querySelector('#inbox-panel')!.remove();
    const fields = [...document.querySelectorAll<HTMLInputElement>('input, textarea')];
    const lines = [...body.innerHTML.split('\n'), ...fields.map(({ value }) => value)];
    return lines.filter((line) => /Rex|ada@example/.test(line));
  });

/** A page that was kept does not load again. */
const goBack = (page: Page) => page.goBack({ waitUntil: 'commit' });

describeInBrowser('the back button after a sign-out', () => {
  it(
    'shows nothing of the person who has left',
    story({}, async ({ visitor }) => {
      const ada = await visitor('ada');
      const page = await ada.open();
      await addDog(page, 'Rex');
      await signUpOn(page);
      await says(page, 'You are signed in: 1 dog.');
      await signOutOn(page);
      await page.goto('/docs');
      await goBack(page);
      await says(page, 'Looking around needs no account.');
      await expectDogs(page, []);
      expect(await tracesOn(page)).toEqual([]);
    }),
  );

  it(
    'shows nothing either when the sign-out was in another tab, and the page comes back as it was left',
    story({}, async ({ visitor }) => {
      const ada = await visitor('ada');
      const page = await ada.open();
      await addDog(page, 'Rex');
      await signUpOn(page);
      await says(page, 'You are signed in: 1 dog.');
      await page.evaluate(() => {
        addEventListener('pageshow', ({ persisted }) => {
          document.body.dataset.wasKept = String(persisted);
        });
      });
      await page.goto('/docs');
      await signOutOn(await ada.open());
      await goBack(page);
      // The very same page, or this test would show nothing.
      expect(await page.locator('body').getAttribute('data-was-kept')).toBe('true');
      await says(page, 'Looking around needs no account.');
      await expectDogs(page, []);
      expect(await tracesOn(page)).toEqual([]);
    }),
  );
});
