import { Controller, Get, UseGuards } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { Clock, CurrentUser, type Principal } from '../../src/index.js';
import { refusal } from '../support/expectations.js';
import { bearer, newAccount, newGuest, type Person } from '../support/people.js';
import { createTestApp, SECRET, type TestApp } from '../support/test-app.js';
import { TestClock } from '../support/test-clock.js';

const NEW_SECRET = 'a new secret for tests that is long enough to sign';

describe('changing the secret', () => {
  const clock = new TestClock();
  let old: TestApp;
  let rotated: TestApp;
  let finished: TestApp;
  const people: Person[] = [];
  beforeAll(async () => {
    old = await createTestApp();
    const databaseUrl = old.databaseUrl;
    const secrets = [NEW_SECRET, SECRET];
    const overrides = [{ token: Clock, value: clock }];
    rotated = await createTestApp({
      databaseUrl,
      overrides,
      options: { secret: undefined, secrets },
    });
    finished = await createTestApp({ databaseUrl, overrides, options: { secret: NEW_SECRET } });
    people.push(await newGuest(old), await newAccount(old));
  });
  afterEach(() => clock.reset());
  afterAll(async () => {
    for (const host of [finished, rotated, old]) await host.close();
  });

  it('signs nobody out while the old secret is still listed', async () => {
    for (const { token, userId } of people) {
      const answer = await bearer(rotated, token).get('/access/session');
      expect(answer).toMatchObject({ status: 200, body: { userId } });
    }
  });

  it('signs everybody out whose token the removed secret has signed', async () => {
    for (const { token } of people) {
      const answer = await bearer(finished, token).get('/access/session');
      expect(answer).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    }
  });

  it('signs with the first secret of the list', async () => {
    const { token, userId } = await newGuest(rotated);
    const answer = await bearer(finished, token).get('/access/session');
    expect(answer).toMatchObject({ status: 200, body: { userId } });
    const stale = await bearer(old, token).get('/access/session');
    expect(stale).toMatchObject(refusal(401, 'UNAUTHORIZED'));
  });

  it.each([
    ['guest', newGuest, { days: 4 }],
    ['account', newAccount, { days: 16 }],
  ] as const)('moves a %s over by using the app, never with a 401', async (_, person, late) => {
    const { client, token, userId } = await person(old);
    const browser = rotated.browser();
    client.cookies.copyTo(browser.cookies);
    expect(await browser.get('/access/session')).toMatchObject({ status: 200, body: { userId } });
    clock.advance(late);
    const renewal = await browser.get('/access/session');
    expect(renewal).toMatchObject({ status: 200, body: { userId } });
    const renewed = renewal.headers.get('set-auth-token')!;
    expect(await bearer(rotated, token).get('/access/session')).toMatchObject({ status: 200 });
    const answer = await bearer(finished, renewed).get('/access/session');
    expect(answer).toMatchObject({ status: 200, body: { userId } });
  });

  it('moves an account over that changes its password', async () => {
    const { token, userId, password } = await newAccount(old);
    const { body } = await bearer(rotated, token).post('/auth/change-password', {
      currentPassword: password,
      newPassword: 'a better horse battery',
      revokeOtherSessions: true,
    });
    const answer = await bearer(finished, body.token).get('/access/account');
    expect(answer).toMatchObject({ status: 200, body: { userId } });
  });

  it('moves a session that calls for its token over to the new secret', async () => {
    const { token, userId } = await newGuest(old);
    const { body } = await bearer(rotated, token).post('/auth/anonymous');
    const answer = await bearer(finished, body.token).get('/access/guest');
    expect(answer).toMatchObject({ status: 200, body: { userId } });
  });
});

@Controller('first')
class FirstController {
  @Get()
  @UseGuards(AuthGuard('anonymous-session'))
  read(@CurrentUser() user: Principal) {
    return user;
  }
}

@Controller('second')
class SecondController {
  @Get()
  @UseGuards(AuthGuard('second-anonymous-session'))
  read(@CurrentUser() user: Principal) {
    return user;
  }
}

describe('two apps in one process', () => {
  let first: TestApp;
  let second: TestApp;
  beforeAll(async () => {
    first = await createTestApp({ controllers: [FirstController] });
    // One database, so that only the secret stands between them.
    second = await createTestApp({
      databaseUrl: first.databaseUrl,
      controllers: [SecondController],
      options: { secret: NEW_SECRET },
      extras: { strategyPrefix: 'second-' },
    });
  });
  afterAll(async () => {
    await second.close();
    await first.close();
  });

  it.each([
    ['guest', newGuest],
    ['account', newAccount],
  ])('each know their own %s and not the other’s', async (_, person) => {
    const [mine, theirs] = [await person(first), await person(second)];
    for (const [host, path] of [
      [first, '/access/session'],
      [first, '/first'],
      [second, '/access/session'],
      [second, '/second'],
    ] as const) {
      const [own, foreign] = host === first ? [mine, theirs] : [theirs, mine];
      const accepted = await bearer(host, own.token).get(path);
      expect(accepted).toMatchObject({ status: 200, body: { userId: own.userId } });
      expect(await bearer(host, foreign.token).get(path)).toMatchObject({ status: 401 });
    }
  });

  it('answer a session of the other with null', async () => {
    const { token } = await newGuest(first);
    expect((await bearer(second, token).get('/auth/get-session')).text).toBe('null');
  });

  it('keep their options to themselves', async () => {
    const strict = await createTestApp({
      databaseUrl: first.databaseUrl,
      options: { guest: { repeatSignIn: 'reject' }, audience: 'https://strict.example' },
      extras: { strategyPrefix: 'strict-', path: 'identity' },
    });
    try {
      const client = strict.browser();
      const issued = await client.post('/identity/anonymous');
      expect(issued.status).toBe(201);
      expect(await client.post('/identity/anonymous')).toMatchObject({ status: 400 });
      expect(await client.post('/auth/anonymous')).toMatchObject({ status: 404 });
      const answer = await bearer(first, issued.body.token).get('/access/session');
      expect(answer).toMatchObject(refusal(401, 'UNAUTHORIZED'));
      expect(await (await newGuest(first)).client.post('/auth/anonymous')).toMatchObject({
        status: 200,
      });
    } finally {
      await strict.close();
    }
  });
});
