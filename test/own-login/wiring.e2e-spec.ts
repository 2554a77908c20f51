import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Injectable,
  Post,
  Req,
  Res,
  UseGuards,
} from '@nestjs/common';
import { APP_GUARD, HttpAdapterHost } from '@nestjs/core';
import { of } from 'rxjs';
import {
  CurrentUser,
  EnsureIdentity,
  GuestOnly,
  type HttpRequest,
  LinksGuest,
  OptionalIdentity,
  OwnLoginService,
  Public,
  SessionGuard,
} from '../../src/index.js';
import { clearedCookies, refusal, rowCounts } from '../support/expectations.js';
import { guestWithNotes, ledgerOf, NO_RETRY, notesOf } from '../support/links.js';
import { newGuest } from '../support/people.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

/** The simplest login there can be: a header says who it is. */
@Injectable()
class HeaderGuard implements CanActivate {
  canActivate(context: ExecutionContext) {
    const request = context.switchToHttp().getRequest<HttpRequest>();
    const name = request.headers['x-member'];
    if (name === 'nameless') return of(true);
    if (name !== undefined) request.user = { sub: name };
    return of(name !== undefined);
  }
}

@Controller('desk')
@OptionalIdentity({ or: HeaderGuard })
class DeskController {
  constructor(
    private readonly ownLogin: OwnLoginService,
    private readonly adapters: HttpAdapterHost,
  ) {}

  @Get('anybody')
  anybody(@CurrentUser() user: unknown) {
    return { user };
  }

  @Get('guests')
  @GuestOnly()
  guests(@CurrentUser() user: unknown) {
    return { user };
  }

  @Post('writers')
  @EnsureIdentity()
  writers(@CurrentUser() user: unknown) {
    return { user };
  }

  @Post('by-service')
  async byService(@Req() request: HttpRequest, @Res() response: object) {
    const { sub } = request.user as { sub: string };
    const link = await this.ownLogin.linkGuest(request, response, sub);
    this.adapters.httpAdapter.reply(response, { link }, 200);
  }

  @Post('sent-before')
  @Public()
  @LinksGuest({ account: (request) => String(request.headers['x-member']) })
  sentBefore(@Res() response: object) {
    this.adapters.httpAdapter.reply(response, { sent: true }, 200);
  }

  @Post('guarded')
  @Public()
  @UseGuards(HeaderGuard)
  @LinksGuest()
  guarded() {
    return { ran: true };
  }
}

const tick = () => new Promise((resolve) => setImmediate(resolve));

describe.each(['express', 'fastify'] as const)('guards of a host beside ours on %s', (adapter) => {
  let host: TestApp;
  const start = async (policy: 'merge' | 'refuse', isGlobal = false) => {
    host = await createTestApp({
      hostHasLogin: true,
      adapter,
      controllers: [DeskController],
      providers: isGlobal ? [{ provide: APP_GUARD, useExisting: SessionGuard }] : [],
      options: {
        linking: { ...NO_RETRY, policy },
        passport: {
          user: async ({ userId }) => {
            await tick();
            return { guest: userId };
          },
        },
      },
    });
  };
  afterEach(() => host.close());

  const account = async () => {
    const [row] = await host.sql<{ id: string }>(
      'INSERT INTO users (id) VALUES (gen_random_uuid()) RETURNING id',
    );
    return { id: row!.id, headers: { 'x-member': row!.id } };
  };

  it.each([[false], [true]])('are asked on a whole class, with ours global: %s', async (global) => {
    await start('merge', global);
    const { client, userId } = await newGuest(host);
    const headers = { 'x-member': 'm-1' };
    const nobody = host.browser();
    const anybody = '/desk/anybody';
    expect((await nobody.get(anybody)).body).toEqual({ user: null });
    expect((await nobody.get(anybody, { headers })).body).toEqual({ user: { sub: 'm-1' } });
    expect((await client.get(anybody)).body).toEqual({ user: { guest: userId } });
    expect((await client.get(anybody, { headers })).body).toEqual({ user: { sub: 'm-1' } });
    const nameless = { headers: { 'x-member': 'nameless' } };
    expect((await client.get(anybody, nameless)).body).toEqual({ user: { guest: userId } });
  });

  it('pass their users to a method that issues guests, and not to one for guests', async () => {
    await start('merge');
    const { client, userId } = await newGuest(host);
    const headers = { 'x-member': 'm-1' };
    const { users } = await rowCounts(host);
    const writer = await host.browser().post('/desk/writers', undefined, { headers });
    expect(writer).toMatchObject({ status: 201, body: { user: { sub: 'm-1' } } });
    expect(writer.headers.getSetCookie()).toEqual([]);
    expect((await rowCounts(host)).users).toBe(users);
    const issued = await host.browser().post('/desk/writers');
    expect(issued.body).toEqual({ user: { guest: expect.any(String) } });

    const alone = await host.browser().get('/desk/guests', { headers });
    expect(alone).toMatchObject(refusal(401, 'UNAUTHORIZED'));
    const both = await client.get('/desk/guests', { headers });
    expect(both.body).toEqual({ user: { guest: userId } });
  });

  it('cost no statement of ours for users of the host', async () => {
    await start('merge');
    host.statements.length = 0;
    for (const path of ['/desk/anybody', '/desk/writers']) {
      const method = path.endsWith('writers') ? 'POST' : 'GET';
      await host.browser().request(method, path, { headers: { 'x-member': 'm-1' } });
    }
    expect(host.statements).toEqual([]);
  });

  it('leave linking to the service where a handler answers by itself', async () => {
    await start('merge');
    const [guest, { id, headers }] = [await guestWithNotes(host, 'mine'), await account()];
    const answer = await guest.client.post('/desk/by-service', undefined, { headers });
    expect(answer).toMatchObject({ status: 200, body: { link: { status: 'merged' } } });
    expect(clearedCookies(answer)).toEqual(['__Host-session']);
    expect(await notesOf(host, id)).toEqual(['mine']);
    const again = await host.browser().post('/desk/by-service', undefined, { headers });
    expect(again).toMatchObject({ status: 200, body: { link: null } });
  });

  it('refuse by the service before anything is answered', async () => {
    await start('refuse');
    const [guest, { headers }] = [await guestWithNotes(host, 'mine'), await account()];
    for (const path of ['/desk/by-service', '/desk/guarded']) {
      const answer = await guest.client.post(path, undefined, { headers });
      expect([path, answer.status, answer.body.code]).toEqual([path, 409, 'LINK_REFUSED']);
    }
    expect(await guest.client.get('/access/guest')).toMatchObject({ status: 200 });
  });

  it('cannot refuse what has been answered, and link nobody then', async () => {
    await start('refuse');
    const [guest, { headers }] = [await guestWithNotes(host, 'mine'), await account()];
    const answer = await guest.client.post('/desk/sent-before', undefined, { headers });
    expect(answer).toMatchObject({ status: 200, body: { sent: true } });
    expect(await guest.client.get('/access/guest')).toMatchObject({ status: 200 });
    expect(await ledgerOf(host, guest.userId)).toEqual([]);
  });
});
