import { APP_GUARD } from '@nestjs/core';
import { SessionGuard } from '../../src/index.js';
import { newAccount, newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe('SessionGuard as a global guard', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({ providers: [{ provide: APP_GUARD, useExisting: SessionGuard }] });
  });
  afterAll(() => host.close());

  it('leaves the library’s own routes to those who may call them', async () => {
    const guest = await newGuest(host);
    const { client, email, password } = await newAccount(host);
    expect(await guest.client.get('/auth/get-session')).toMatchObject({ status: 200 });
    expect(await host.browser().get('/auth/get-session')).toMatchObject({ status: 200 });
    expect(await host.browser().get('/auth/links')).toMatchObject({ status: 401 });
    expect(await client.post('/auth/sign-out')).toMatchObject({ status: 200 });
    const signIn = await client.post('/auth/sign-in/email', { email, password });
    expect(signIn).toMatchObject({ status: 200 });
    const upgrade = await host.browser().post('/auth/anonymous/upgrade', { email, password });
    expect(upgrade).toMatchObject({ status: 401 });
  });

  it('guards what the host has not opened', async () => {
    expect(await host.browser().get('/access/public')).toMatchObject({ status: 200 });
    expect(await host.browser().get('/access/optional')).toMatchObject({ status: 200 });
    expect(await host.browser().get('/access/session')).toMatchObject({ status: 401 });
    expect(await host.browser().post('/notes', { text: 'a' })).toMatchObject({ status: 201 });
  });
});
