import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { endProcesses, freePort, PawsProcess } from '../example/paws-process.js';
import { ensureChromium } from '../support/chromium-binary.mjs';
import { makeDataFolder } from '../support/data-folder.js';
import {
  addDog,
  askForMail,
  newestMail,
  part,
  type Picture,
  says,
  signInOn,
  signUpOn,
} from './support/paws-page.js';
import { portraits } from './support/portraits.js';

/** What `npm run screenshots` writes: the story of the page, as it is in README.md and the docs. */
const FOLDER = join(import.meta.dirname, '..', '..', 'docs', 'images');
const AS_NPM_START = ['--import', '@swc-node/register/esm-register', 'examples/paws/main.ts'];
const WIDTHS = { 390: 844, 1280: 800 };

async function shoot(page: Page, name: string, top?: Locator): Promise<void> {
  for (const [width, height] of Object.entries(WIDTHS)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width: Number(width), height });
      await page.emulateMedia({ colorScheme });
      if (top) await top.evaluate((element) => element.scrollIntoView({ block: 'start' }));
      else await page.evaluate(() => scrollTo(0, 0));
      const path = join(FOLDER, `${name}-${width}-${colorScheme}.png`);
      await page.screenshot({ path, caret: 'hide', animations: 'disabled' });
    }
  }
}

const newPage = async (browser: Browser, origin: string): Promise<Page> => {
  const page = await browser.newPage({ baseURL: origin, reducedMotion: 'reduce' });
  await page.goto('/');
  return page;
};

/** At home Ada has an account with a dog; in a café she is a guest with three, and signs in. */
async function consent(browser: Browser, origin: string, pictures: readonly Picture[]) {
  const home = await newPage(browser, origin);
  await addDog(home, 'Luna', pictures[0]);
  await signUpOn(home);
  await says(home, 'Your account is made.');
  await home.close();

  const page = await newPage(browser, origin);
  await addDog(page, 'Luna', pictures[0]);
  await addDog(page, 'Rex', pictures[1]);
  await addDog(page, 'Bo', pictures[2]);
  await page.getByRole('button', { name: 'Add Tennis ball to the basket' }).click();
  await says(page, 'You are browsing as a guest: 3 dogs, 3 photos and 1 in the basket.');
  await shoot(page, 'guest');
  await signInOn(page);
  await page.getByRole('dialog').waitFor();
  await shoot(page, 'consent');
  await page.getByRole('button', { name: 'Bring them', exact: true }).click();
  await says(page, 'Now in your account');
  await shoot(page, 'receipt', part(page, 'Account'));
  await page.reload();
  await says(page, 'You are signed in: 3 dogs, 4 photos and 1 in the basket.');
  await shoot(page, 'account', part(page, 'Your dogs'));
  await page.close();
}

/** Bo asks for a link on one device and opens it on another. */
async function otherBrowser(browser: Browser, origin: string) {
  const email = 'bo@example.com';
  const account = await newPage(browser, origin);
  await signUpOn(account, { email, password: 'correct horse battery' });
  await says(account, 'Your account is made.');
  await account.close();

  const laptop = await newPage(browser, origin);
  await addDog(laptop, 'Momo');
  await askForMail(laptop, 'Mail me a link', email);
  const link = (await newestMail(laptop, email)).getByRole('link', { name: 'Open the link' });
  const phone = await newPage(browser, origin);
  await phone.goto((await link.getAttribute('href'))!);
  await phone.getByRole('button', { name: 'Sign in' }).click();
  await says(phone, 'Another browser asked for the mail that you have opened.');
  await shoot(phone, 'other-browser', part(phone, 'Account'));
}

const { program, missing } = await ensureChromium();
if (!program) throw new Error(missing);
const dataDir = makeDataFolder();
const browser = await chromium.launch({ executablePath: program });
try {
  const variables = { DATA_DIR: dataDir, LINK_POLICY: 'ask', THROTTLE: 'off' };
  const paws = new PawsProcess({ PORT: await freePort(), ...variables }, AS_NPM_START);
  await paws.ready();
  mkdirSync(FOLDER, { recursive: true });
  await consent(browser, paws.origin, await portraits(browser));
  await otherBrowser(browser, paws.origin);
} finally {
  await browser.close();
  await endProcesses();
  rmSync(dataDir, { recursive: true, force: true });
}
