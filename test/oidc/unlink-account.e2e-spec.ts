import { refusal } from '../support/expectations.js';
import { NO_RETRY } from '../support/links.js';
import { newAccount, newGuest } from '../support/people.js';
import { closeApps, startApp } from '../support/running-apps.js';
import { StubIdp, stopIdps } from '../support/stub-idp.js';
import type { TestApp } from '../support/test-app.js';
import {
  comeBack,
  newPerson,
  setOutToLink,
  visit,
  identitiesOf,
  providersOf,
  whoIs,
} from '../support/visits.js';

afterAll(closeApps);
afterAll(stopIdps);

describe.each(['express', 'fastify'] as const)('unlink-account on %s', (adapter) => {
  let host: TestApp;
  let idp: StubIdp;
  let other: StubIdp;
  beforeAll(async () => {
    [idp, other] = [await StubIdp.start(), await StubIdp.start('other')];
    const providers = [idp.provider({ trustEmail: true }), other.provider()];
    host = await startApp({ adapter, options: { linking: NO_RETRY, providers } });
  });

  const unlink = (client: Parameters<typeof comeBack>[0], body: object) =>
    client.post('/auth/unlink-account', body);
  const done = { status: 200, body: { status: true } };

  /** An account with a password and an identity of each provider. */
  async function threeWays() {
    const account = await newAccount(host);
    const people = [newPerson(), newPerson()];
    for (const [n, provider] of [idp, other].entries()) {
      const url = await setOutToLink(account.client, { provider: provider.id });
      await comeBack(account.client, provider.approve(url, people[n]!));
    }
    expect(await providersOf(host, account.userId)).toEqual(['idp', 'other', 'password']);
    return { ...account, people };
  }

  it('takes one way in, which opens the account no more', async () => {
    const { client, userId, people } = await threeWays();
    expect(await unlink(client, { providerId: 'other' })).toMatchObject(done);
    expect(await providersOf(host, userId)).toEqual(['idp', 'password']);
    const browser = host.browser();
    await visit(browser, other, people[1]!);
    expect((await whoIs(browser)).id).not.toBe(userId);
  });

  it('knows it by what list-accounts says, and takes the password too', async () => {
    const { client, userId, people, email, password } = await threeWays();
    const { body } = await client.get('/auth/list-accounts');
    const [credential, first, second] = body;
    expect(await unlink(client, { accountId: credential.id })).toMatchObject(done);
    const signIn = await host.browser().post('/auth/sign-in/email', { email, password });
    expect(signIn.status).toBe(401);
    expect(await unlink(client, { providerId: 'idp', accountId: people[0]!.sub })).toMatchObject(
      done,
    );
    expect(await unlink(client, { accountId: first.id })).toMatchObject(
      refusal(400, 'ACCOUNT_NOT_FOUND'),
    );
    expect(await unlink(client, { providerId: 'other', accountId: second.id })).toMatchObject(
      refusal(400, 'FAILED_TO_UNLINK_LAST_ACCOUNT'),
    );
    expect(await providersOf(host, userId)).toEqual(['other']);
  });

  it('leaves one of two that go at once', async () => {
    const { client, userId } = await threeWays();
    await unlink(client, { providerId: 'credential' });
    const answers = await Promise.all(
      ['idp', 'other'].map((providerId) => unlink(client, { providerId })),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 400]);
    expect(await providersOf(host, userId)).toHaveLength(1);
  });

  it('never takes a proven address for a way in where no mail goes out', async () => {
    const browser = host.browser();
    await visit(browser, idp, newPerson());
    const { id } = await whoIs(browser);
    expect(await providersOf(host, id)).toEqual(['email', 'idp']);
    expect(await unlink(browser, { providerId: 'idp' })).toMatchObject(
      refusal(400, 'FAILED_TO_UNLINK_LAST_ACCOUNT'),
    );
  });

  it('asks which of two identities of one provider is meant', async () => {
    const { client, userId, people } = await threeWays();
    const person = newPerson();
    await comeBack(client, idp.approve(await setOutToLink(client), person));
    expect(await unlink(client, { providerId: 'idp' })).toMatchObject({
      status: 400,
      body: { code: 'VALIDATION_FAILED', errors: [{ field: 'accountId' }] },
    });
    expect(await unlink(client, { providerId: 'idp', accountId: person.sub })).toMatchObject(done);
    expect((await identitiesOf(host, userId)).map(([, , subject]) => subject)).toContain(
      people[0]!.sub,
    );
  });

  it.each([
    [{}, 400, 'VALIDATION_FAILED'],
    [{ providerId: 7 }, 400, 'VALIDATION_FAILED'],
    [{ accountId: 'x'.repeat(256) }, 400, 'VALIDATION_FAILED'],
    [{ providerId: 'idp', userId: 'x' }, 400, 'VALIDATION_FAILED'],
    [{ providerId: 'nobody' }, 400, 'ACCOUNT_NOT_FOUND'],
    [{ providerId: 'email' }, 400, 'ACCOUNT_NOT_FOUND'],
    [{ accountId: '\u0000' }, 400, 'ACCOUNT_NOT_FOUND'],
    [{ providerId: 'idp', accountId: 'of somebody else' }, 400, 'ACCOUNT_NOT_FOUND'],
  ])('refuses %j', async (body, status, code) => {
    const { client, userId } = await newAccount(host);
    expect(await unlink(client, body)).toMatchObject(refusal(status, code));
    expect(await providersOf(host, userId)).toEqual(['password']);
  });

  it('takes nothing of another account', async () => {
    const victim = await threeWays();
    const { body } = await victim.client.get('/auth/list-accounts');
    const attacker = await threeWays();
    for (const { id } of body) {
      expect(await unlink(attacker.client, { accountId: id })).toMatchObject(
        refusal(400, 'ACCOUNT_NOT_FOUND'),
      );
    }
    expect(await providersOf(host, victim.userId)).toHaveLength(3);
  });

  it('needs an account that has signed in not long ago', async () => {
    const { client, userId } = await threeWays();
    expect((await unlink(host.browser(), { providerId: 'idp' })).status).toBe(401);
    const guest = await newGuest(host);
    expect((await unlink(guest.client, { providerId: 'idp' })).status).toBe(403);
    await host.sql(
      `UPDATE sessions SET created_at = now() - interval '25 hours' WHERE user_id = $1`,
      [userId],
    );
    expect(await unlink(client, { providerId: 'idp' })).toMatchObject(
      refusal(400, 'SESSION_EXPIRED'),
    );
  });
});
