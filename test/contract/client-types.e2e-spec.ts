import { typeErrors } from './library.js';

/** Checking all that better-auth's types refer to takes a while. */
jest.setTimeout(60_000);

/** What becomes of an answer on its way: better-auth's client makes dates of texts that are dates. */
const onTheWire = `
  type OnTheWire<T> =
    T extends Date ? string :
    T extends object ? { readonly [Key in keyof T]: OnTheWire<T[Key]> } :
    T;
  type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
`;

const same = (client: string, server: string) => `
  import type { ${client} as Client } from 'nestjs-anonymous/client';
  import type { ${server} as Server } from 'nestjs-anonymous';
  ${onTheWire}
  export const same: Same<OnTheWire<Client>, OnTheWire<Server>> = true;
`;

/** The client imports nothing of the server, so its types are written twice. */
describe('the types of nestjs-anonymous/client', () => {
  it('are those of the answers', () => {
    const pairs = [
      ['Link', 'OwnLinkView'],
      ['LinkAgreement', 'LinkAgreement'],
      ['Confirmation', 'LinkConfirmation'],
      ['LinkDetails', 'LinkDetails'],
      ['LinkPreview', 'MergePreview'],
      ['LinkReceipt', 'LinkReceipt'],
      ['LinkStatus', 'LinkStatus'],
      ['TablePreview', 'TablePreview'],
      ['TableReceipt', 'TableReceipt'],
      ['UpgradedGuest', 'IssuedSessionView'],
      ['PendingUpgrade', 'PendingUpgradeView'],
      ['AccountUser', 'UserView'],
      ['AccountSession', 'SessionView'],
    ] as const;
    const pieces = pairs.map(([client, server]): [string, string] => [
      `${client} and ${server}`,
      same(client, server),
    ]);
    expect(typeErrors(new Map(pieces))).toEqual([]);
  });

  it('are told apart when they differ', () => {
    const pieces = new Map([
      ['different', same('Link', 'MergePreview')],
      ['less', same('Link', 'LinkDetails')],
      ['more', same('LinkDetails', 'OwnLinkView')],
    ]);
    expect(typeErrors(pieces).map((error) => error.split(':')[0])).toEqual([
      'different.ts',
      'less.ts',
      'more.ts',
    ]);
  });

  it('fit the client of every framework', () => {
    const frameworks = ['client', 'react', 'vue', 'svelte', 'solid'];
    const pieces = frameworks.map((framework): [string, string] => [framework, use(framework)]);
    expect(typeErrors(new Map(pieces))).toEqual([]);
  });
});

const use = (framework: string) => `
  import { createAuthClient } from 'better-auth/${framework}';
  import { anonymousClient } from 'better-auth/client/plugins';
  import type { BetterAuthClientPlugin } from 'better-auth/client';
  import { ensureSession, guestClient } from 'nestjs-anonymous/client';

  export const plugin: BetterAuthClientPlugin = guestClient();
  const client = createAuthClient({ plugins: [anonymousClient(), guestClient()] });
  export async function use(): Promise<boolean | null | undefined> {
    const { data, error } = await ensureSession(client);
    if (error) throw new Error(error.code);
    const upgraded = await client.anonymous.upgrade({ email: 'a@example.com', password: 'x' });
    const guest: string = data.user.id;
    const account: string | undefined = upgraded.data?.user.id;
    // @ts-expect-error -- there is no such field
    void data.user.isAnonimous;
    return guest === account && data.user.isAnonymous;
  }
  // @ts-expect-error -- an address is required
  void client.anonymous.upgrade({ password: 'x' });
  void client.signIn.anonymous();
  export const plain = ensureSession(createAuthClient());
`;
