import { Body, Controller, Get, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { EmptyDto } from '../dto/empty.dto.js';
import { AccountOnly } from '../requests/access.decorators.js';
import { AuthRoutes } from '../requests/auth-route.js';
import { fieldsOf } from '../requests/body.pipe.js';
import { CurrentUser } from '../requests/current-user.decorator.js';
import type { Principal } from '../requests/principal.js';
import { type SessionView, sessionView } from '../responses/views.js';
import { AccountGateway } from './account-gateway.js';
import { AccountSessionsService } from './account-sessions.service.js';
import { RevokeSessionDto } from './revoke-session.dto.js';

/** Where an account is signed in, and the end of that. */
@AuthRoutes()
@ApiTags('account')
@Controller()
export class SessionsController {
  constructor(
    private readonly sessions: AccountSessionsService,
    private readonly gateway: AccountGateway,
  ) {}

  @Get('list-sessions')
  @AccountOnly()
  @ApiOperation({ summary: 'The live sessions of the account, latest first' })
  async list(
    @Query(fieldsOf(EmptyDto)) _query: Readonly<EmptyDto>,
    @CurrentUser() { userId }: Readonly<Principal>,
  ): Promise<SessionView[]> {
    return (await this.sessions.list(userId)).map(sessionView);
  }

  /** The same answer for what is no session of the account: nobody learns anything about those of others. */
  @Post('revoke-session')
  @HttpCode(200)
  @AccountOnly()
  @ApiOperation({ summary: 'Ends one session of the account' })
  @ApiBody({ type: RevokeSessionDto })
  async revoke(
    @Body(fieldsOf(RevokeSessionDto)) { token }: Readonly<RevokeSessionDto>,
    @CurrentUser() { userId, sessionId }: Readonly<Principal>,
    @Res({ passthrough: true }) response: object,
  ): Promise<{ status: true }> {
    await this.sessions.revoke(userId, token);
    if (token.toLowerCase() === sessionId) this.gateway.end(response);
    return { status: true };
  }

  @Post('revoke-sessions')
  @HttpCode(200)
  @AccountOnly()
  @ApiOperation({ summary: 'Ends every session of the account, that of the request too' })
  async revokeAll(
    @Body(fieldsOf(EmptyDto)) _body: Readonly<EmptyDto>,
    @CurrentUser() { userId }: Readonly<Principal>,
    @Res({ passthrough: true }) response: object,
  ): Promise<{ status: true }> {
    await this.sessions.revokeAll(userId);
    this.gateway.end(response);
    return { status: true };
  }

  @Post('revoke-other-sessions')
  @HttpCode(200)
  @AccountOnly()
  @ApiOperation({ summary: 'Ends every session of the account but that of the request' })
  async revokeOthers(
    @Body(fieldsOf(EmptyDto)) _body: Readonly<EmptyDto>,
    @CurrentUser() { userId, sessionId }: Readonly<Principal>,
  ): Promise<{ status: true }> {
    await this.sessions.revokeOthers(userId, sessionId);
    return { status: true };
  }
}
