import { randomUUID } from 'node:crypto';
import { expectUncached } from '../bad-input/refused.js';
import type { RequestOptions } from '../support/http-client.js';
import { Mailbox } from '../support/mailbox.js';
import { newAccount, newGuest } from '../support/people.js';
import { authRoutesOf } from '../support/routes.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe.each(['express', 'fastify'] as const)('no answer of the library on %s', (adapter) => {
  let host: TestApp;
  let routes: string[];
  beforeAll(async () => {
    const express = await createTestApp({ extras: { mailer: Mailbox } });
    routes = authRoutesOf(express);
    await express.close();
    host = await createTestApp({ adapter, extras: { mailer: Mailbox } });
  });
  afterAll(() => host.close());

  const ENDS_SESSIONS = /sign-out|revoke|delete|sign-in|DELETE/;

  it.each([
    ['nobody', () => Promise.resolve(host.browser())],
    ['a guest', async () => (await newGuest(host)).client],
    ['an account', async () => (await newAccount(host)).client],
  ])('may be stored or given to somebody else, errors included: for %s', async (_, person) => {
    expect(routes.length).toBeGreaterThan(25);
    let client = await person();
    for (const route of routes) {
      const [method, path] = route.split(' ') as [string, string];
      const url = path.replace(/:\w+/, randomUUID());
      const requests: RequestOptions[] =
        method === 'POST' ? [{ body: {} }, { body: { unknown: 1 } }] : [{}];
      for (const options of requests) {
        expectUncached(await client.request(method, url, options));
      }
      const headers = { origin: 'https://evil.example' };
      expectUncached(await client.request(method, url, { ...requests[0], headers }));
      if (ENDS_SESSIONS.test(route)) client = await person();
    }
  });
});
