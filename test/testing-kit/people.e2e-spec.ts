import { Test } from '@nestjs/testing';
import { OWNED_TABLES } from '../../examples/paws/owned-tables.js';
import { PawsModule } from '../../examples/paws/paws.module.js';
import { Pet } from '../../examples/paws/pets/pet.js';
import { GuestGate, ReconcilerService } from '../../src/index.js';
import {
  checkMerge,
  createAccount,
  createGuest,
  expectNoOrphans,
  signInAs,
} from '../../src/testing/index.js';
import { HttpClient } from '../support/http-client.js';
import { NO_RETRY } from '../support/links.js';
import { closeApps, startApp } from '../support/running-apps.js';
import { ORIGIN, SECRET } from '../support/test-app.js';
import { createTestDatabase } from '../support/test-database.js';

describe('the people of the test kit', () => {
  afterEach(closeApps);

  it('are guests whose requests are answered, by bearer token and by cookie', async () => {
    const host = await startApp();
    const guest = await createGuest(host.app);
    const bearer = new HttpClient(host.url, guest.headers);
    const browser = new HttpClient(host.url, { origin: ORIGIN, cookie: guest.cookie });
    for (const client of [bearer, browser]) {
      expect(await client.get('/access/guest')).toMatchObject({
        status: 200,
        body: { userId: guest.userId, isAnonymous: true },
      });
      expect(await client.post('/notes', { text: 'mine' })).toMatchObject({
        body: { userId: guest.userId },
      });
    }
  });

  it('are guests that pass the gate of the app', async () => {
    const seen: unknown[] = [];
    const check = ({ request }: { request: { headers: object } }) => {
      seen.push(request.headers);
      return Promise.resolve({ outcome: 'allow' });
    };
    const host = await startApp({ overrides: [{ token: GuestGate, value: { check } }] });
    await createGuest(host.app, { headers: { 'x-captcha': 'passed' } });
    expect(seen).toEqual([{ 'x-captcha': 'passed' }]);
  });

  it('are accounts that can sign in with what the kit says', async () => {
    const host = await startApp({ options: { password: { minLength: 60 } } });
    const account = await createAccount(host.app);
    const client = new HttpClient(host.url, account.headers);
    expect(await client.get('/access/account')).toMatchObject({
      body: { userId: account.userId, isAnonymous: false },
    });
    const { email, password } = account;
    expect(await host.browser().post('/auth/sign-in/email', { email, password })).toMatchObject({
      status: 200,
      body: { user: { id: account.userId } },
    });
    const chosen = { email: 'Ada@example.com', password: 'x'.repeat(59) + 'y', name: 'Ada' };
    expect(await createAccount(host.app, chosen)).toMatchObject({ email: 'Ada@example.com' });
    await expect(createAccount(host.app, chosen)).rejects.toMatchObject({ code: 'EMAIL_TAKEN' });
    await expect(createAccount(host.app, { email: 'nobody' })).rejects.toThrow(
      'createAccount: "nobody" is no e-mail address.',
    );
  });

  it('sign in with a guest, which is linked as in production', async () => {
    const host = await startApp({ options: { linking: NO_RETRY } });
    const account = await createAccount(host.app);
    const guest = await createGuest(host.app);
    await new HttpClient(host.url, guest.headers).post('/notes', { text: 'mine' });
    const signedIn = await signInAs(host.app, account, { guest });
    expect(signedIn).toMatchObject({
      userId: account.userId,
      link: { status: 'merged', receipt: { tables: { note: { moved: 1 } } } },
    });
    const client = new HttpClient(host.url, signedIn.headers);
    expect(await client.get('/notes')).toMatchObject({ body: [{ text: 'mine' }] });
    expect(await signInAs(host.app, account.userId)).toMatchObject({ link: null });
    await host.app.get(ReconcilerService).run();
    await expectNoOrphans(host.app);
  });

  it('are refused with a reason when they cannot sign in', async () => {
    const host = await startApp();
    const [account, guest] = [await createAccount(host.app), await createGuest(host.app)];
    const nobody = '00000000-0000-4000-8000-000000000000';
    await expect(signInAs(host.app, nobody)).rejects.toThrow(`there is no user ${nobody}`);
    await expect(signInAs(host.app, guest)).rejects.toThrow(
      'is a guest, and guests do not sign in',
    );
    await expect(signInAs(host.app, account, { guest: account })).rejects.toThrow(
      `the token is that of account ${account.userId}`,
    );
    await expect(signInAs(host.app, account, { guest: 'made up' })).rejects.toThrow(
      "the guest's token is not one of this app",
    );
  });
});

describe('the app of the test kit', () => {
  it('has to have started, but need not listen', async () => {
    const database = await createTestDatabase();
    const options = { databaseUrl: database.url, secret: SECRET, baseUrl: ORIGIN };
    const module = await Test.createTestingModule({
      imports: [PawsModule.with(options, OWNED_TABLES)],
    }).compile();
    const app = module.createNestApplication({ logger: false });
    try {
      const early = 'the app has not started. Call `await app.init()` first.';
      await expect(checkMerge(app, Pet)).rejects.toThrow(early);
      await expect(expectNoOrphans(app)).rejects.toThrow(early);
      await app.init();
      expect(await createGuest(app)).toMatchObject({ userId: expect.any(String) });
      expect(await checkMerge(app, Pet)).toEqual({ moved: 2, folded: 0, dropped: 1 });
      await expectNoOrphans(app);
    } finally {
      await app.close();
      await database.drop();
    }
  });

  it('has to be one of this library', async () => {
    const module = await Test.createTestingModule({}).compile();
    await expect(createGuest(module)).rejects.toThrow('the app does not import AnonymousModule');
    await module.close();
  });
});
