import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { Mailer } from '../../src/index.js';
import { Barrier, eventually } from '../support/barrier.js';
import { NO_RETRY } from '../support/links.js';
import { redeem, tokenIn } from '../support/mailbox.js';
import { MailServer } from '../support/mail-server.js';
import { refusalOf } from '../support/refused-start.js';
import { closeApps, startApp } from '../support/running-apps.js';
import { newAccount } from '../support/people.js';
import type { TestApp } from '../support/test-app.js';

let server: MailServer;
beforeEach(async () => {
  server = await MailServer.start();
});
afterEach(async () => {
  await closeApps();
  await server.stop();
});

const newEmail = () => `${randomUUID()}@example.com`;
const start = (adapter: 'express' | 'fastify' = 'express') =>
  startApp({
    adapter,
    options: {
      linking: NO_RETRY,
      mail: { from: 'Paws <hello@paws.example>', smtp: { url: server.url } },
    },
  });
const ask = (host: TestApp, email: string) =>
  host.browser().post('/auth/sign-in/magic-link', { email });

describe('mail by SMTP', () => {
  it.each(['express', 'fastify'] as const)(
    'arrives, with a link that signs in, on %s',
    async (adapter) => {
      const host = await start(adapter);
      const email = newEmail();
      expect((await ask(host, email)).body).toEqual({ status: true });
      await eventually('a mail', () => server.mails.length === 1);
      const [mail] = server.mails;
      expect(mail).toMatchObject({ from: 'hello@paws.example', to: [email] });
      expect(mail!.source).toContain('From: Paws <hello@paws.example>');
      expect(mail!.source).toContain('Subject: Sign in to app.example');
      expect(mail!.source).toContain('It works once, for 10 minutes.');
      const { status, body } = await redeem(host.browser(), tokenIn({ text: mail!.source }));
      expect({ status, email: body.user?.email }).toEqual({ status: 200, email });
    },
  );

  it('is sent again when the server does not take it, once', async () => {
    const host = await start();
    server.refusals = 2;
    await ask(host, newEmail());
    await eventually('the mail in the end', () => server.mails.length === 1);
    expect(server.refusals).toBe(0);
  });

  it('keeps nobody waiting: neither who asks for it nor who signs in', async () => {
    const host = await start();
    const account = await newAccount(host);
    await eventually('the mail of the sign-up', () => server.mails.length === 1);
    const barrier = new Barrier();
    server.hold = barrier.pass();
    expect((await ask(host, newEmail())).status).toBe(200);
    const { email, password } = account;
    const signIn = await host.browser().post('/auth/sign-in/email', { email, password });
    expect(signIn.status).toBe(200);
    expect(server.mails).toHaveLength(1);
    barrier.open();
    await eventually('the mail', () => server.mails.length === 2);
  });

  it('answers the same when there is no server to be reached', async () => {
    const host = await start();
    await server.stop();
    expect(await ask(host, newEmail())).toMatchObject({ status: 200, body: { status: true } });
  });

  it('gets out before the app ends', async () => {
    const host = await start();
    server.refusals = 1;
    await ask(host, newEmail());
    await eventually('a first attempt', () => server.refusals === 0);
    await host.app.close();
    expect(server.mails).toHaveLength(1);
  });

  it.each([
    'a@b.co,c@d.co',
    'a@b.co\r\nBcc: x@y.z',
    '<x>@b.co',
    '"a b"@c.co',
    'Ada <a@b.co>',
    'a@b',
  ])('goes to no such address: %j', async (email) => {
    const host = await start();
    expect(await ask(host, email)).toMatchObject({
      status: 400,
      body: { code: 'VALIDATION_FAILED', errors: [{ field: 'email' }] },
    });
    expect(await host.sql('SELECT 1 FROM auth_flows')).toEqual([]);
  });

  it('has nothing in it that the one who asked has written', async () => {
    const host = await start();
    const name = '<b>Win</b> http://evil.example';
    const answer = await host
      .browser()
      .post('/auth/sign-in/magic-link', { email: newEmail(), name, callbackURL: '/evil-path' });
    expect(answer.status).toBe(200);
    await eventually('a mail', () => server.mails.length === 1);
    expect(server.mails[0]!.source).not.toMatch(/evil|Win/);
  });
});

describe('mail by a class of the host', () => {
  @Injectable()
  class Broken extends Mailer {
    attempts = 0;

    override send(): Promise<void> {
      this.attempts += 1;
      throw new Error('no');
    }
  }

  it('may fail in any way without anybody noticing', async () => {
    const host = await startApp({ extras: { mailer: Broken } });
    expect((await ask(host, newEmail())).status).toBe(200);
    const mailer: Broken = host.app.get(Mailer);
    await eventually('more attempts', () => mailer.attempts > 1);
  });
});

describe('mail that is under way when the app ends', () => {
  @Injectable()
  class Slow extends Mailer {
    readonly barrier = new Barrier();
    attempts = 0;

    override async send(): Promise<void> {
      this.attempts += 1;
      if (this.attempts > 1) return;
      await this.barrier.pass();
      throw new Error('not this time');
    }
  }

  it('gets one more chance when it fails', async () => {
    const host = await startApp({ extras: { mailer: Slow } });
    const mailer: Slow = host.app.get(Mailer);
    await ask(host, newEmail());
    await mailer.barrier.reached();
    const closed = host.app.close();
    // No request is taken any more: the outbox is about to close.
    await eventually('the server is closed', () =>
      fetch(host.url).then(
        () => false,
        () => true,
      ),
    );
    mailer.barrier.open();
    await closed;
    expect(mailer.attempts).toBe(2);
  });
});

describe('an app without mail', () => {
  it.each([
    ['POST', '/auth/sign-in/magic-link'],
    ['GET', '/auth/magic-link/open?token=x'],
    ['GET', '/auth/magic-link/verify?token=x'],
    ['POST', '/auth/magic-link/verify'],
    ['POST', '/auth/send-verification-email'],
    ['GET', '/auth/verify-email/open?token=x'],
    ['GET', '/auth/verify-email?token=x'],
    ['POST', '/auth/verify-email'],
    ['POST', '/auth/change-email'],
  ])('has no route that needs it: %s %s', async (method, path) => {
    const host = await startApp();
    const body = method === 'POST' ? { email: newEmail() } : undefined;
    expect(await host.browser().request(method, path, { body })).toMatchObject({
      status: 404,
      body: { statusCode: 404 },
    });
  });
});

describe('wrong options of mail', () => {
  it.each([
    [{ mail: { from: 'Paws', smtp: { url: 'smtp://localhost' } } }, '"mail.from" is no sender'],
    [
      { mail: { from: 'a@b.co', smtp: { url: 'http://secret@localhost' } } },
      '"mail.smtp.url" is no URL of a mail server',
    ],
    [{ magicLink: { expiresIn: '2h' as const } }, '"magicLink.expiresIn"'],
  ])('stop the start: %j', async (options, message) => {
    const { message: error } = await refusalOf({ options });
    expect(error).toContain(message);
    expect(error).not.toContain('secret@');
  });
});
