import { askForCode, typeCode } from '../support/codes.js';
import { HttpClient, type HttpAnswer, type RequestOptions } from '../support/http-client.js';
import { askForLink, askForVerification, Mailbox, redeem, verify } from '../support/mailbox.js';
import { newEmail, password } from '../support/sign-ups.js';
import { createTestApp, ORIGIN, type TestApp } from '../support/test-app.js';

/** A browser that keeps every cookie line of every answer. */
class Collector extends HttpClient {
  readonly lines: string[] = [];

  override async request(
    method: string,
    path: string,
    options: RequestOptions = {},
  ): Promise<HttpAnswer> {
    const answer = await super.request(method, path, options);
    this.lines.push(...answer.headers.getSetCookie());
    return answer;
  }
}

describe.each(['express', 'fastify'] as const)('every cookie on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ adapter, extras: { mailer: Mailbox } });
  });
  afterAll(() => host.close());

  it('is one that no sub-domain, no script, no plain connection and no form of another site can bring', async () => {
    const client = new Collector(host.url, { origin: ORIGIN });
    const email = newEmail();
    await client.post('/notes', { text: 'the first write of a guest' });
    await client.post('/auth/anonymous');
    await client.post('/auth/anonymous/upgrade', { email, password });
    await verify(client, await askForVerification(host, client, email));
    await client.post('/auth/sign-in/email', { email, password, rememberMe: false });
    await client.post('/auth/sign-out');
    await redeem(client, await askForLink(host, client, email));
    await client.post('/auth/sign-out');
    await typeCode(client, email, await askForCode(host, client, email));
    await client.post('/auth/change-password', {
      currentPassword: password,
      newPassword: 'a newer horse battery',
      revokeOtherSessions: true,
    });
    await client.post('/auth/change-email', { newEmail: newEmail() });
    await client.post('/auth/delete-user', { password: 'a newer horse battery' });
    client.cookies.set('__Host-session', 'dead');
    await client.get('/auth/get-session');

    const names = client.lines.map((line) => line.slice(0, line.indexOf('=')));
    expect(new Set(names)).toEqual(new Set(['__Host-session', '__Host-session.flow']));
    expect(client.lines.length).toBeGreaterThan(10);
    for (const line of client.lines) {
      const attributes = line.split('; ').slice(1);
      const kept = attributes.filter((attribute) => !/^(max-age|expires)=/i.test(attribute));
      expect(kept.toSorted()).toEqual(['HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure']);
    }
  });
});
