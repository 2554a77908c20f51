import { Body, Controller, Get, HttpCode, Post, Req, Res, UseGuards } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { AuthGuard } from '@nestjs/passport';
import { CurrentUser, type HttpRequest, LinksGuest, OwnLoginService } from '../../../src/index.js';
import { MembersService } from '../members/members.service.js';
import { CredentialsDto } from './credentials.dto.js';
import type { CurrentMember } from './current-member.js';

interface Entered {
  readonly id: number;
  readonly token: string;
}

/** The login that the app has always had. */
@Controller()
export class AuthController {
  constructor(
    private readonly members: MembersService,
    private readonly jwt: JwtService,
    private readonly ownLogin: OwnLoginService,
  ) {}

  /** A guest becomes a member with the same id; anybody else a new one. */
  @Post('register')
  async register(
    @Body() { email, password }: CredentialsDto,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<Entered> {
    const hash = await this.members.hash(password);
    const upgraded = await this.ownLogin.upgradeGuest(request, response, { email }, (manager, id) =>
      this.members.setPassword(manager, Number(id), hash),
    );
    return this.enter(Number(upgraded ?? (await this.members.add(email, hash))));
  }

  /** A guest's notes come along. */
  @Post('login')
  @HttpCode(200)
  @UseGuards(AuthGuard('local'))
  @LinksGuest({ answer: (answer, link) => ({ ...(answer as Entered), link }) })
  login(@CurrentUser() { id }: CurrentMember): Entered {
    return this.enter(id);
  }

  @Get('me')
  @UseGuards(AuthGuard(['jwt', 'anonymous-guest']))
  me(@CurrentUser() member: CurrentMember): CurrentMember {
    return member;
  }

  private enter(id: number): Entered {
    return { id, token: this.jwt.sign({}, { subject: String(id) }) };
  }
}
