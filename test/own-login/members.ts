import {
  Body,
  Controller,
  Get,
  HttpException,
  Module,
  Post,
  Redirect,
  Req,
  Res,
  UseGuards,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { JwtModule, JwtService } from '@nestjs/jwt';
import { AuthGuard, PassportModule } from '@nestjs/passport';
import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import {
  CurrentUser,
  EnsureIdentity,
  type HttpRequest,
  ignored,
  LinksGuest,
  OptionalIdentity,
  OwnLoginService,
} from '../../src/index.js';
import type { Barrier } from '../support/barrier.js';
import type { TestAppSettings } from '../support/test-app.js';
import {
  type Member,
  MEMBERS_SECRET,
  MemberGuard,
  MemberStrategy,
  PasswordStrategy,
} from './member.strategies.js';

/** Where sign-ups stop inside their transaction, for tests that race. */
export const meeting: { barrier?: Barrier } = {};

interface SignUp {
  readonly name: string;
  readonly password: string;
  readonly email?: string;
  readonly fail?: boolean;
}

/** The host's own table of who may sign in, with passwords as nobody should keep them. */
export const MEMBERS_SCHEMA = `CREATE TABLE member (
  user_id uuid PRIMARY KEY REFERENCES users (id), name text NOT NULL UNIQUE, password text NOT NULL)`;

@Controller('members')
export class MembersController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly jwt: JwtService,
    private readonly ownLogin: OwnLoginService,
    private readonly adapters: HttpAdapterHost,
  ) {}

  /** A guest keeps its id; nobody gets a new one. */
  @Post('register')
  async register(
    @Body() { name, password, email, fail }: SignUp,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
  ) {
    const insert = 'INSERT INTO member (user_id, name, password) VALUES ($1, $2, $3)';
    const upgraded = await this.ownLogin.upgradeGuest(
      request,
      response,
      { name, email },
      async (manager, userId) => {
        await meeting.barrier?.pass();
        await manager.query(insert, [userId, name, password]);
        if (fail) throw new HttpException('the host cannot have this member', 422);
      },
    );
    const id = upgraded ?? randomUUID();
    if (upgraded === undefined) {
      await this.dataSource.query('INSERT INTO users (id, name) VALUES ($1, $2)', [id, name]);
      await this.dataSource.query(insert, [id, name, password]);
    }
    return { id, token: this.jwt.sign({}, { subject: id }) };
  }

  @Post('login')
  @UseGuards(AuthGuard('local'))
  @LinksGuest()
  login(@CurrentUser() { id }: Member, @Body() { fail }: { fail?: boolean }) {
    if (fail) throw new HttpException('the handler does not sign anybody in', 422);
    return { id, token: this.jwt.sign({}, { subject: id }) };
  }

  /** No guard: the handler looks itself, and sets a cookie of the host. */
  @Post('enter')
  @LinksGuest({
    account: (_request, answer) => (answer as Partial<Member>).id,
    answer: (answer, link) => ({ ...(answer as object), link }),
  })
  async enter(
    @Body() { name, password }: { name: string; password: string },
    @Res({ passthrough: true }) response: object,
  ) {
    this.adapters.httpAdapter.appendHeader(response, 'Set-Cookie', 'member=yes; Path=/');
    const [member] = await this.dataSource.query(
      'SELECT user_id AS id FROM member WHERE name = $1 AND password = $2',
      [name, password],
    );
    if (!member) this.adapters.httpAdapter.status(response, 401);
    return member ?? { id: undefined };
  }

  /** Where a provider of sign-ins sends people back to. */
  @Get('callback')
  @UseGuards(AuthGuard('local'))
  @LinksGuest()
  @Redirect('/welcome')
  callback() {}

  /** The same by a handler that sends the response itself. */
  @Get('callback/sent')
  @UseGuards(AuthGuard('local'))
  @LinksGuest()
  sent(@Res() response: object) {
    this.adapters.httpAdapter.redirect(response, 302, '/welcome');
  }

  @Post('forgetful')
  @LinksGuest()
  forgetful() {
    return { ok: true };
  }

  @Post('odd')
  @LinksGuest({ account: (_request, answer) => (answer as { account: string }).account })
  odd(@Body() body: { account?: unknown }) {
    return body.account === 'throw' ? undefined : body;
  }

  @Get('me')
  @UseGuards(AuthGuard(['jwt', 'anonymous-guest']))
  me(@CurrentUser() user: unknown) {
    return user;
  }

  @Post('notes')
  @EnsureIdentity({ or: AuthGuard('jwt') })
  add(@CurrentUser() { id }: Member, @Body() { text, fail }: { text: string; fail?: boolean }) {
    if (fail) throw new HttpException('no note', 422);
    return this.insert(id, text);
  }

  @Get('notes')
  @OptionalIdentity({ or: AuthGuard('jwt') })
  list(@CurrentUser() user: Member | null) {
    return this.dataSource.query('SELECT text FROM note WHERE user_id = $1 ORDER BY text', [
      user?.id ?? null,
    ]);
  }

  @Post('journal')
  @EnsureIdentity({ or: MemberGuard })
  write(@CurrentUser() { id }: Member, @Body() { text }: { text: string }) {
    return this.insert(id, text);
  }

  private async insert(id: string, text: string) {
    const [note] = await this.dataSource.query(
      'INSERT INTO note (user_id, text) VALUES ($1, $2) RETURNING user_id AS "userId", text',
      [id, text],
    );
    return note;
  }
}

@Module({
  imports: [
    PassportModule,
    JwtModule.register({ secret: MEMBERS_SECRET, signOptions: { expiresIn: '15m' } }),
  ],
  controllers: [MembersController],
  providers: [PasswordStrategy, MemberStrategy],
})
class MembersModule {}

/** A host that knew its members before this library came. */
export function membersHost(settings: TestAppSettings = {}): TestAppSettings {
  return {
    ...settings,
    schema: MEMBERS_SCHEMA,
    hostHasLogin: true,
    imports: [MembersModule, ...(settings.imports ?? [])],
    tables: [ignored('member', 'guests are no members'), ...(settings.tables ?? [])],
    options: { passport: { user: ({ userId }) => ({ id: userId }) }, ...settings.options },
  };
}
