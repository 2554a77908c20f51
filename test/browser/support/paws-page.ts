import type { Locator, Page } from 'playwright-core';
import { isDeepStrictEqual } from 'node:util';
import { ADA } from '../../example/visitors.js';
import { eventually } from '../../support/barrier.js';

/** A picture file, as somebody chooses one. */
export interface Picture {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/** A part of the page by its heading. */
export const part = (page: Page, name: string): Locator => page.getByRole('region', { name });

/** Resolves once the page says this somewhere. */
export async function says(page: Page, text: string | RegExp): Promise<void> {
  await page.getByText(text).filter({ visible: true }).first().waitFor();
}

/** Fails with what there is in its place, once it has had time to become this. */
export async function becomes<Value>(ask: () => Promise<Value>, wanted: Value): Promise<void> {
  let last: Value | undefined;
  const isWanted = async () => {
    last = await ask();
    return isDeepStrictEqual(last, wanted);
  };
  await eventually('the page shows it', isWanted).catch(() => expect(last).toEqual(wanted));
}

export async function addDog(page: Page, name: string, picture?: Picture): Promise<void> {
  const dogs = part(page, 'Your dogs');
  await dogs.getByLabel('Name').fill(name);
  if (picture) await dogs.getByLabel(/^Photo/).setInputFiles(picture);
  await dogs.getByRole('button', { name: 'Add dog' }).click();
  await says(page, `${name} is on your list.`);
}

/** Resolves once these are the dogs on the page. */
export async function expectDogs(page: Page, names: readonly string[]): Promise<void> {
  const shown = part(page, 'Your dogs').getByRole('listitem').locator('strong');
  await becomes(async () => (await shown.allTextContents()).toSorted(), names.toSorted());
}

/** Who the page's session is of; `null` for nobody. */
export async function userOn(
  page: Page,
): Promise<{ id: string; isAnonymous: boolean; email: string | null } | null> {
  const answer = await page.request.get('/auth/get-session');
  return ((await answer.json()) as { user: never } | null)?.user ?? null;
}

/** Fills in and sends the form of somebody who is new. */
export async function signUpOn(page: Page, { email, password } = ADA): Promise<void> {
  const account = part(page, 'Account');
  await account.getByText('I am new here').click();
  const form = account.locator('form', { hasText: 'Create account' });
  await form.getByLabel('E-mail address').fill(email);
  await form.getByLabel('Password').fill(password);
  await form.getByRole('button', { name: 'Create account' }).click();
}

/** Fills in and sends the form of somebody who has an account. */
export async function signInOn(page: Page, { email, password } = ADA): Promise<void> {
  const account = part(page, 'Account');
  await account.getByText('I have an account').click();
  const form = account.locator('form', { hasText: 'Forgot your password?' });
  await form.getByLabel('E-mail address').fill(email);
  await form.getByLabel('Password').fill(password);
  await form.getByRole('button', { name: 'Sign in' }).click();
}

export async function signOutOn(page: Page): Promise<void> {
  await part(page, 'Account').getByRole('button', { name: 'Sign out' }).click();
  await says(page, 'Looking around needs no account.');
}

/** Goes to the provider, and says there who they are. */
export async function signInAtProvider(page: Page, email = ADA.email): Promise<void> {
  await part(page, 'Account').getByRole('button', { name: 'Sign in with dev' }).click();
  await page.getByRole('heading', { name: 'Development sign-in' }).waitFor();
  await page.getByLabel('E-mail address').fill(email);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Asks for a mail with a link or a code. */
export async function askForMail(
  page: Page,
  what: 'Mail me a link' | 'Mail me a code',
  email = ADA.email,
): Promise<void> {
  const form = part(page, 'Account').locator('form', { hasText: 'Mail me a link' });
  await form.getByLabel('E-mail address').fill(email);
  await form.getByRole('button', { name: what }).click();
  await says(page, 'Look into your mail.');
}

/** The newest mail in the dev inbox of the page, once it is to this address. */
export async function newestMail(page: Page, to = ADA.email): Promise<Locator> {
  const mail = part(page, 'Dev inbox').getByRole('listitem').first();
  await mail.filter({ hasText: to }).waitFor();
  return mail;
}

/** Opens the link of the newest mail in this tab, and presses the button of the page behind it. */
export async function openLink(page: Page, button: string, to = ADA.email): Promise<void> {
  const mail = await newestMail(page, to);
  await mail.getByRole('link', { name: 'Open the link' }).click();
  await page.getByRole('button', { name: button }).click();
}

/** What a receipt on the page says, line by line. */
export function receiptOn(page: Page): Promise<string[]> {
  return part(page, 'Account').locator('#receipt').getByRole('listitem').allTextContents();
}
