import { randomBytes, randomUUID } from 'node:crypto';
import { askForCode, typeCode } from '../support/codes.js';
import { refusal } from '../support/expectations.js';
import { NO_RETRY } from '../support/links.js';
import { askForLink, Mailbox, redeem } from '../support/mailbox.js';
import { bearer, newAccount } from '../support/people.js';
import { askForReset, reset } from '../support/resets.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

const FLOW = '__Host-session.flow';

describe.each(['express', 'fastify'] as const)('a secret for one thing on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({
      adapter,
      extras: { mailer: Mailbox },
      options: { linking: NO_RETRY },
    });
  });
  afterAll(() => host.close());

  const invalid = refusal(400, 'INVALID_OR_EXPIRED');

  /** One of each, of the same person. */
  async function secrets() {
    const account = await newAccount(host);
    const { client, email, token } = account;
    const key = randomBytes(16).toString('hex');
    await host
      .browser()
      .post('/auth/anonymous', undefined, { headers: { 'idempotency-key': key } });
    return {
      email,
      session: token,
      link: await askForLink(host, client, email),
      reset: await askForReset(host, client, email),
      code: await askForCode(host, client, email),
      flow: client.cookies.get(FLOW)!,
      handle: (await client.get('/auth/get-session')).body.session.token as string,
      key,
    };
  }

  it('is no session, as bearer or as cookie', async () => {
    const { email: _, session: __, ...others } = await secrets();
    for (const secret of Object.values(others)) {
      const browser = host.browser();
      browser.cookies.set('__Host-session', secret);
      for (const client of [browser, bearer(host, secret)]) {
        for (const path of ['/access/session', '/access/account', '/auth/list-sessions']) {
          expect(await client.get(path)).toMatchObject(refusal(401, 'UNAUTHORIZED'));
        }
        expect(await client.post('/access/write')).toMatchObject(refusal(401, 'UNAUTHORIZED'));
        expect((await client.get('/auth/get-session')).text).toBe('null');
      }
    }
  });

  it('ends no flow of another kind, and a session ends none', async () => {
    const { email, link, reset: forReset, code, ...others } = await secrets();
    const foreign = Object.values(others);
    for (const secret of [...foreign, forReset, code]) {
      expect(await redeem(host.browser(), secret)).toMatchObject(invalid);
    }
    for (const secret of [...foreign, link, code]) {
      expect(await reset(host.browser(), secret)).toMatchObject(invalid);
    }
    for (const secret of [forReset, link, others.flow, others.handle]) {
      expect(await typeCode(host.browser(), email, secret.slice(0, 512))).toMatchObject(invalid);
    }
  });

  it.each([
    ['an object', 'j:{"a":1}'],
    ['a broken escape', '%E0%A4%A'],
    ['an escape of a line', '%0d%0aSet-Cookie:%20a=b'],
    ['a property of every object', '__proto__'],
    ['too long', 'x'.repeat(4_000)],
    ['somebody’s session', 'SESSION'],
    ['the flow of another browser', 'FLOW'],
  ])('brings no guest along where the cookie of the flow is %s', async (_, value) => {
    const other = host.browser();
    await askForLink(host, other, `${randomUUID()}@example.com`);
    const guest = host.browser();
    const { body } = await guest.post('/auth/anonymous');
    const email = `${randomUUID()}@example.com`;
    const token = await askForLink(host, guest, email);
    const thief = host.browser();
    const hostile = value.replace('SESSION', body.token).replace('FLOW', other.cookies.get(FLOW)!);
    thief.cookies.set(FLOW, hostile);
    const answer = await redeem(thief, token);
    expect(answer).toMatchObject({ status: 200, body: { link: { policy: 'both-sides' } } });
    expect(answer.body.user.id).not.toBe(body.user.id);
    expect(await guest.get('/access/guest')).toMatchObject({ status: 200 });
  });

  it('gives a hostile cookie of a flow no life: a fresh one takes its place', async () => {
    for (const hostile of ['j:{"a":1}', 'x', '%00']) {
      const browser = host.browser();
      browser.cookies.set(FLOW, hostile);
      await askForCode(host, browser, `${randomUUID()}@example.com`);
      expect(browser.cookies.get(FLOW)).toMatch(/^[\w-]{43}$/);
    }
  });

  it('is not chosen between two of different people', async () => {
    const [one, two] = [await newAccount(host), await newAccount(host)];
    const { email } = one;
    const headers = { authorization: `Bearer ${two.token}` };
    const code = await askForCode(host, host.browser(), email);
    const link = await askForLink(host, host.browser(), email);
    const forReset = await askForReset(host, host.browser(), email);
    for (const [path, body] of [
      ['/auth/sign-in/email-otp', { email, otp: code }],
      ['/auth/magic-link/verify', { token: link }],
      ['/auth/reset-password', { token: forReset, newPassword: 'a newer horse battery' }],
      ['/auth/email-otp/send-verification-otp', { email, type: 'sign-in' }],
      ['/auth/sign-in/magic-link', { email }],
    ] as const) {
      const answer = await one.client.post(path, body, { headers });
      expect(answer).toMatchObject(refusal(400, 'AMBIGUOUS_CREDENTIALS'));
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    // Nothing was used up.
    expect((await typeCode(host.browser(), email, code)).status).toBe(200);
  });
});
