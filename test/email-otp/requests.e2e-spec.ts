import { askForCode, send, typeCode } from '../support/codes.js';
import { refusal } from '../support/expectations.js';
import { Mailbox, mailboxOf, startMailApp } from '../support/mailbox.js';
import { refusalOf } from '../support/refused-start.js';
import { closeApps, startApp } from '../support/running-apps.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

afterEach(closeApps);

describe.each(['express', 'fastify'] as const)('the routes of mailed codes on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ adapter, extras: { mailer: Mailbox } });
  });
  afterAll(() => host.close());

  const email = 'ada@example.com';

  it.each([
    ['email-verification', 'send-verification-email'],
    ['forget-password', 'request-password-reset'],
    ['change-email', 'change-email'],
  ])('name the route that does the same by a link for %s', async (type, route) => {
    const answer = await send(host.browser(), email, type);
    expect(answer).toMatchObject({
      status: 400,
      body: {
        code: 'VALIDATION_FAILED',
        errors: [{ field: 'type', messages: [expect.stringContaining(`POST ${route}`)] }],
      },
    });
    expect(mailboxOf(host).letters).toEqual([]);
  });

  it.each([undefined, null, '', 'SIGN-IN', 1, true, ['sign-in'], { a: 1 }, '__proto__'])(
    'mail no code of the type %j',
    async (type) => {
      const answer = await host
        .browser()
        .post('/auth/email-otp/send-verification-otp', { email, type });
      expect(answer).toMatchObject({
        status: 400,
        body: { code: 'VALIDATION_FAILED', errors: [{ field: 'type' }] },
      });
    },
  );

  it.each([
    'ada@example.com,eve@example.com',
    'ada@example.com\r\nBcc: eve@example.com',
    '"ada"@example.com',
    '<script>@example.com',
    'ada',
    '',
    null,
    7,
    ['ada@example.com'],
  ])('mail none to %j, and take none from there', async (address) => {
    const browser = host.browser();
    for (const answer of [
      await send(browser, address as string),
      await typeCode(browser, address as string, '123456'),
    ]) {
      expect(answer).toMatchObject(refusal(400, 'VALIDATION_FAILED'));
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    expect(mailboxOf(host).letters).toEqual([]);
  });

  it.each([undefined, null, 123_456, true, ['123456'], { $ne: '' }, '1'.repeat(513)])(
    'take no code that is %j',
    async (otp) => {
      const answer = await typeCode(host.browser(), email, otp as string);
      expect(answer).toMatchObject({
        status: 400,
        body: { code: 'VALIDATION_FAILED', errors: [{ field: 'otp' }] },
      });
    },
  );

  it.each(['\0', '12345\u0000', '\ud800', '０１２３４５', "' OR 1=1--", '%00'])(
    'know no code %j',
    async (otp) => {
      const answer = await typeCode(host.browser(), email, otp);
      expect(answer).toMatchObject(refusal(400, 'INVALID_OR_EXPIRED'));
    },
  );

  it('are not for pages of others', async () => {
    const browser = host.browser();
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: undefined, 'sec-fetch-site': 'cross-site' },
    ]) {
      for (const [path, body] of [
        ['/auth/email-otp/send-verification-otp', { email, type: 'sign-in' }],
        ['/auth/sign-in/email-otp', { email, otp: '123456' }],
      ] as const) {
        const answer = await browser.post(path, body, { headers });
        expect(answer).toMatchObject(refusal(403, 'INVALID_ORIGIN'));
        expect(answer.headers.getSetCookie()).toEqual([]);
      }
    }
    expect(mailboxOf(host).letters).toEqual([]);
  });

  it.each([
    ['POST', '/auth/email-otp/verify-email'],
    ['POST', '/auth/email-otp/check-verification-otp'],
    ['POST', '/auth/email-otp/reset-password'],
    ['POST', '/auth/email-otp/request-password-reset'],
    ['POST', '/auth/forget-password/email-otp'],
    ['POST', '/auth/email-otp/request-email-change'],
    ['POST', '/auth/email-otp/change-email'],
    ['GET', '/auth/email-otp/get-verification-otp'],
    ['GET', '/auth/email-otp/send-verification-otp'],
    ['GET', '/auth/sign-in/email-otp'],
  ])('are no others: %s %s', async (method, path) => {
    const body = method === 'POST' ? { email, otp: '123456' } : undefined;
    expect(await host.browser().request(method, path, { body })).toMatchObject({ status: 404 });
  });
});

describe('the mail with a code', () => {
  it('has the code once, not in the subject, and no word of the request', async () => {
    const host = await startMailApp();
    const browser = host.browser();
    const headers = { 'x-forwarded-host': 'evil.example', 'user-agent': 'evil' };
    await browser.post(
      '/auth/email-otp/send-verification-otp',
      { email: 'ada@example.com', type: 'sign-in' },
      { headers },
    );
    const code = await askForCode(host, browser, 'eve@example.com');
    const [first, second] = mailboxOf(host).letters;
    expect(first!.subject).toBe('Your code for app.example');
    expect(`${first!.text}${first!.html}`).not.toMatch(/evil|https?:/);
    expect(first!.text).toContain('5 minutes');
    expect(second!.text.split(code)).toHaveLength(2);
    expect(second!.html!.split(code)).toHaveLength(2);
  });
});

describe('an app without mail', () => {
  it('has no routes for codes', async () => {
    const host = await startApp();
    const email = 'ada@example.com';
    expect(await send(host.browser(), email)).toMatchObject({ status: 404 });
    expect(await typeCode(host.browser(), email, '123456')).toMatchObject({ status: 404 });
  });
});

describe('emailOtp.expiresIn', () => {
  it('is what the mail says', async () => {
    const host = await startMailApp({ options: { emailOtp: { expiresIn: '90s' } } });
    await send(host.browser(), 'ada@example.com');
    const [row] = await host.sql<{ s: string }>(
      'SELECT extract(epoch FROM expires_at - created_at) AS s FROM auth_flows',
    );
    expect(Number(row!.s)).toBe(90);
  });

  it.each(['11m', '1ms', '0s'] as const)('stops the start when it is %s', async (expiresIn) => {
    const { message } = await refusalOf({ options: { emailOtp: { expiresIn } } });
    expect(message).toContain(`option "emailOtp.expiresIn" must be from '1s' to '10m'`);
  });
});
