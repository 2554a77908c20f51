import { Controller, Get, Injectable, Post, UseGuards } from '@nestjs/common';
import { AuthGuard, PassportModule, PassportStrategy } from '@nestjs/passport';
import jwt from 'jsonwebtoken';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { CurrentUser, type Principal } from '../../src/index.js';
import { rowCounts } from '../support/expectations.js';
import { bearer, newAccount, newGuest } from '../support/people.js';
import { createTestApp, SECRET, type TestApp } from '../support/test-app.js';
import { forgeToken } from '../support/tokens.js';

const HOST_SECRET = 'the secret of the login that the host has already';

/** The login that a host has had all along. */
@Injectable()
class HostStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor() {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey: HOST_SECRET,
      algorithms: ['HS256'],
    });
  }

  validate({ sub }: { sub: string }) {
    return { employee: sub };
  }
}

@Controller('passport')
class PassportController {
  @Get('session')
  @UseGuards(AuthGuard('anonymous-session'))
  session(@CurrentUser() user: Principal) {
    return user;
  }

  @Get('guest')
  @UseGuards(AuthGuard('anonymous-guest'))
  guest(@CurrentUser() user: Principal) {
    return user;
  }

  @Get('both')
  @UseGuards(AuthGuard(['jwt', 'anonymous-guest']))
  both(@CurrentUser() user: unknown) {
    return user;
  }

  @Post('both')
  @UseGuards(AuthGuard(['jwt', 'anonymous-guest']))
  write(@CurrentUser() user: unknown) {
    return user;
  }

  @Get('either')
  @UseGuards(AuthGuard(['anonymous-session', 'jwt']))
  either(@CurrentUser() user: unknown) {
    return user;
  }
}

const employee = () => jwt.sign({}, HOST_SECRET, { subject: 'e-7', expiresIn: '1h' });

describe.each(['express', 'fastify'] as const)('the Passport strategies on %s', (adapter) => {
  let host: TestApp;
  beforeAll(async () => {
    host = await createTestApp({
      adapter,
      imports: [PassportModule],
      controllers: [PassportController],
      providers: [HostStrategy],
    });
  });
  afterAll(() => host.close());

  it('let any live identity in by anonymous-session, guests only by anonymous-guest', async () => {
    const [guest, account] = [await newGuest(host), await newAccount(host)];
    for (const { client, userId, token } of [guest, account]) {
      for (const caller of [client, bearer(host, token)]) {
        const answer = await caller.get('/passport/session');
        const isAnonymous = userId === guest.userId;
        expect(answer).toMatchObject({ status: 200, body: { userId, isAnonymous } });
        expect(await caller.get('/passport/guest')).toMatchObject({
          status: isAnonymous ? 200 : 401,
        });
      }
    }
  });

  it('let the host’s own users and our guests through one guard', async () => {
    const { client, userId, token } = await newGuest(host);
    const expected = { status: 200, body: { userId, isAnonymous: true } };
    expect(await client.get('/passport/both')).toMatchObject(expected);
    expect(await bearer(host, token).get('/passport/both')).toMatchObject(expected);
    for (const path of ['/passport/both', '/passport/either']) {
      const answer = await bearer(host, employee()).get(path);
      expect(answer).toMatchObject({ status: 200, body: { employee: 'e-7' } });
    }
  });

  it('leave the host’s bearer to the host when a guest’s cookie comes with it', async () => {
    const { client, userId } = await newGuest(host);
    const headers = { authorization: `Bearer ${employee()}` };
    const both = await client.get('/passport/both', { headers });
    expect(both).toMatchObject({ status: 200, body: { employee: 'e-7' } });
    const ours = await client.get('/passport/guest', { headers });
    expect(ours).toMatchObject({ status: 200, body: { userId } });
  });

  it.each(['session', 'guest', 'both', 'either'])(
    'refuse nobody’s request at %s',
    async (route) => {
      const { token } = await newGuest(host);
      const before = await rowCounts(host);
      const strangers = [
        undefined,
        'garbage',
        'a.b.c',
        forgeToken(token, { secret: 'a secret that neither of the two has ever seen' }),
        forgeToken(token, { secret: SECRET, header: { typ: 'JWT' } }),
        forgeToken(token, { secret: SECRET, claims: { sub: { $ne: '' } } }),
        forgeToken(token, { secret: SECRET, claims: { epoch: 1 } }),
        forgeToken(token, { secret: SECRET, claims: { exp: undefined } }),
      ];
      for (const stranger of strangers) {
        const client = stranger === undefined ? host.browser() : bearer(host, stranger);
        expect(await client.get(`/passport/${route}`)).toMatchObject({ status: 401 });
      }
      expect(await rowCounts(host)).toEqual(before);
    },
  );

  it('refuse a token whose session has ended', async () => {
    for (const { client, token } of [await newGuest(host), await newAccount(host)]) {
      await client.post('/auth/sign-out');
      const answer = await bearer(host, token).get('/passport/session');
      expect(answer).toMatchObject({ status: 401 });
    }
  });

  it('refuse a forged write like the guards do', async () => {
    const { client } = await newGuest(host);
    const headers = { origin: 'https://evil.example' };
    const answer = await client.post('/passport/both', undefined, { headers });
    expect(answer).toMatchObject({ status: 403, body: { code: 'INVALID_ORIGIN' } });
    expect(await client.post('/passport/both')).toMatchObject({ status: 201 });
  });

  it('refuse two live credentials of different users', async () => {
    const [one, two] = [await newGuest(host), await newGuest(host)];
    const headers = { authorization: `Bearer ${two.token}` };
    const answer = await one.client.get('/passport/session', { headers });
    expect(answer).toMatchObject({ status: 400, body: { code: 'AMBIGUOUS_CREDENTIALS' } });
  });

  it('cost one statement, also beside a guard of ours', async () => {
    const { client } = await newGuest(host);
    for (const route of ['session', 'guest', 'both']) {
      host.statements.length = 0;
      await client.get(`/passport/${route}`);
      expect([route, host.statements.length]).toEqual([route, 1]);
    }
  });
});
