import { readConfig } from '../../examples/paws/config/config.js';
import { StartError } from '../../examples/paws/start-error.js';
import { eventually } from '../support/barrier.js';
import { pressButton, pressVerify, tokenIn } from '../support/mailbox.js';
import { MailServer } from '../support/mail-server.js';
import { closePaws, startPaws } from './paws-app.js';

afterEach(closePaws);

describe.each(['express', 'fastify'] as const)('mail in the example on %s', (adapter) => {
  it('is in the dev inbox, the latest first, and its link keeps the dogs of a guest', async () => {
    const host = await startPaws({ adapter, hasDevInbox: true });
    const visitor = host.browser();
    const pet = await visitor.post('/pets', { name: 'Rex' });
    expect(pet.status).toBe(201);
    expect((await visitor.get('/dev/inbox')).body).toEqual([]);
    for (const email of ['first@example.com', 'ada@example.com']) {
      const callbackURL = '/#account';
      const asked = await visitor.post('/auth/sign-in/magic-link', { email, callbackURL });
      expect(asked.body).toEqual({ status: true });
      await eventually('the mail', async () => {
        const { body } = await visitor.get('/dev/inbox');
        return body[0]?.to === email;
      });
    }
    const { body } = await visitor.get('/dev/inbox');
    expect(body[0]).toEqual({
      to: 'ada@example.com',
      subject: 'Sign in to app.example',
      text: expect.any(String),
      html: expect.any(String),
    });
    const answer = await pressButton(visitor, tokenIn(body[0]));
    expect(answer.headers.get('location')).toBe('/#account');
    const { user } = (await visitor.get('/auth/get-session')).body;
    expect(user).toMatchObject({ email: 'ada@example.com', isAnonymous: false });
    expect((await visitor.get('/pets')).body).toMatchObject([{ name: 'Rex' }]);
  });

  it('proves the address of a guest that signs up, which is a guest until then', async () => {
    const host = await startPaws({ adapter, hasDevInbox: true, emailVerification: 'required' });
    const visitor = host.browser();
    expect((await visitor.post('/pets', { name: 'Rex' })).status).toBe(201);
    const asked = await visitor.post('/auth/sign-up/email', {
      email: 'ada@example.com',
      password: 'correct horse battery',
      name: '',
      callbackURL: '/#account',
    });
    expect(asked.body).toMatchObject({ token: null, user: { isAnonymous: true } });
    expect((await visitor.post('/checkout', {})).status).toBe(403);
    const mail = await eventually('the mail', async () => {
      const { body } = await visitor.get('/dev/inbox');
      return body[0];
    });
    const answer = await pressVerify(visitor, tokenIn(mail, 'verify-email'));
    expect(answer.headers.get('location')).toBe('/#account');
    const { user } = (await visitor.get('/auth/get-session')).body;
    expect(user).toMatchObject({ email: 'ada@example.com', emailVerified: true });
    expect((await visitor.get('/pets')).body).toMatchObject([{ name: 'Rex' }]);
  });

  it('goes to the server that is named, and is shown to nobody', async () => {
    const server = await MailServer.start();
    const host = await startPaws({ adapter, smtpUrl: server.url });
    await host.browser().post('/auth/sign-in/magic-link', { email: 'ada@example.com' });
    await eventually('the mail', () => server.mails.length === 1);
    expect((await host.browser().get('/dev/inbox')).status).toBe(404);
    await server.stop();
  });
});

describe('SMTP_URL', () => {
  it('takes the place of the dev inbox, which is never there in production', () => {
    const production = {
      NODE_ENV: 'production',
      BASE_URL: 'https://paws.example',
      AUTH_SECRET: 'x'.repeat(32),
      DATABASE_URL: 'postgres://localhost/paws',
    };
    const smtpUrl = 'smtp://localhost:25';
    expect(readConfig({}).app).toMatchObject({ hasDevInbox: true });
    expect(readConfig({ SMTP_URL: smtpUrl }).app).toMatchObject({ hasDevInbox: false, smtpUrl });
    expect(readConfig(production).app).toMatchObject({ hasDevInbox: false });
  });

  it('has to be there where addresses must be proven in production', () => {
    const production = {
      NODE_ENV: 'production',
      BASE_URL: 'https://paws.example',
      AUTH_SECRET: 'x'.repeat(32),
      DATABASE_URL: 'postgres://localhost/paws',
      EMAIL_VERIFICATION: 'required',
    };
    expect(() => readConfig(production)).toThrow(
      new StartError('EMAIL_VERIFICATION=required needs SMTP_URL, where mail goes.'),
    );
    const config = readConfig({ ...production, SMTP_URL: 'smtp://localhost:25' });
    expect(config.app.emailVerification).toBe('required');
  });

  it('is not repeated when it is wrong: it holds a password', () => {
    expect(() => readConfig({ SMTP_URL: 'http://user:hunter2@mail' })).toThrow(
      new StartError('SMTP_URL is no URL of a mail server. Write smtp://user:password@host:587.'),
    );
  });
});
