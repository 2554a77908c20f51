import type { HttpAnswer, HttpClient } from './http-client.js';
import { guestWithNotes } from './links.js';
import { askForLink, redeem } from './mailbox.js';
import { type AccountHolder, newAccount, type Person } from './people.js';
import type { TestApp } from './test-app.js';

/** A guest that has asked for a mail, and the account that has opened it somewhere else. */
export interface Proposal {
  readonly guest: Person;
  readonly account: AccountHolder;
  /** The browser that opened the mail. */
  readonly phone: HttpClient;
  readonly linkId: string;
  /** `/auth/links/:id`. */
  readonly path: string;
}

export async function proposed(host: TestApp, ...notes: string[]): Promise<Proposal> {
  const account = await newAccount(host);
  // Proven where the account is at home, so that the mail elsewhere ends none of its other ways in.
  await redeem(account.client, await askForLink(host, account.client, account.email));
  const guest = await guestWithNotes(host, ...notes);
  return proposedBetween(host, guest, account);
}

export async function proposedBetween(
  host: TestApp,
  guest: Person,
  account: AccountHolder,
): Promise<Proposal> {
  const phone = host.browser();
  const { body } = await redeem(phone, await askForLink(host, guest.client, account.email));
  expect(body.link).toEqual({
    id: expect.any(String),
    status: 'awaiting-consent',
    policy: 'both-sides',
    receipt: null,
  });
  return { guest, account, phone, linkId: body.link.id, path: `/auth/links/${body.link.id}` };
}

/** `agreed` of a link to which nobody has. */
export const NOBODY = { guest: false, account: false };

/** What the screen of one side shows. */
export async function codeOn(client: HttpClient, path: string): Promise<string> {
  const { status, body } = await client.get(path);
  expect({ status, code: body.code }).toEqual({ status: 200, code: expect.any(String) });
  return body.code;
}

/** Says yes, with the code that this side's own screen shows. */
export async function agree(
  client: HttpClient,
  path: string,
  more: object = {},
): Promise<HttpAnswer> {
  return client.post(`${path}/confirm`, { code: await codeOn(client, path), ...more });
}
