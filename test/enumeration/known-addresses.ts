import { askForLink, Mailbox, redeem, verify } from '../support/mailbox.js';
import type { HttpClient } from '../support/http-client.js';
import { newAccount, newGuest } from '../support/people.js';
import { newEmail, signedUp, waitingSignUps } from '../support/sign-ups.js';
import { createTestApp, type TestApp, type TestAppSettings } from '../support/test-app.js';

/** An app that tells nobody which addresses have accounts. */
export const concealing = (settings: TestAppSettings = {}): TestAppSettings =>
  waitingSignUps({ ...settings, options: { enumeration: 'conceal', ...settings.options } });

/** An account whose address has been proven, and the browser that it is signed in with. */
export async function provenAccount(
  host: TestApp,
  client: HttpClient = host.browser(),
): Promise<{ email: string; client: HttpClient; userId: string }> {
  const email = newEmail();
  const { status, body } = await verify(client, await signedUp(host, client, email));
  expect(status).toBe(200);
  return { email, client, userId: body.user.id };
}

/** Addresses that have something to do with the app, in every way there is: as many of each. */
export async function knownAddresses(host: TestApp, each: number): Promise<[string, string][]> {
  const before = await createTestApp({
    databaseUrl: host.databaseUrl,
    extras: { mailer: Mailbox },
  });
  const makers: Record<string, () => Promise<string>> = {
    'an account': async () => (await provenAccount(host)).email,
    'an account that was a guest': async () =>
      (await provenAccount(host, (await newGuest(host)).client)).email,
    'an account without a password': async () => {
      const [email, client] = [newEmail(), host.browser()];
      expect((await redeem(client, await askForLink(host, client, email))).status).toBe(200);
      return email;
    },
    // From before addresses had to be proven.
    'an account that never proved it': async () => (await newAccount(before)).email,
    'a sign-up that waits': async () => {
      const email = newEmail();
      await signedUp(host, host.browser(), email);
      return email;
    },
  };
  try {
    const known: [string, string][] = [];
    for (const [kind, make] of Object.entries(makers)) {
      for (let n = 0; n < each; n += 1) known.push([kind, await make()]);
    }
    return known;
  } finally {
    await before.close();
  }
}
