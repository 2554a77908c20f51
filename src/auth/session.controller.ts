import { Body, Controller, Get, Header, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { fieldsOf } from './requests/body.pipe.js';
import { OptionalIdentity } from './requests/access.decorators.js';
import { AuthRoutes } from './requests/auth-route.js';
import type { HttpRequest } from './requests/http-request.js';
import { GetSessionDto } from './dto/get-session.dto.js';
import { SignOutDto } from './dto/sign-out.dto.js';
import { CurrentSessionService } from './sessions/current-session.service.js';

@AuthRoutes()
@ApiTags('session')
@Controller()
export class SessionController {
  constructor(private readonly current: CurrentSessionService) {}

  /** Written out, because adapters differ in what they make of a `null`. */
  @Get('get-session')
  @OptionalIdentity()
  @Header('Content-Type', 'application/json; charset=utf-8')
  @ApiOperation({ summary: 'The session and user of this request, or null' })
  async get(
    @Query(fieldsOf(GetSessionDto)) _query: Readonly<GetSessionDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<string> {
    return JSON.stringify(await this.current.read(request, response));
  }

  @Post('sign-out')
  @HttpCode(200)
  @ApiOperation({ summary: 'Ends the session and clears the cookie' })
  async signOut(
    @Body(fieldsOf(SignOutDto)) _body: Readonly<SignOutDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<{ success: true }> {
    await this.current.end(request, response);
    return { success: true };
  }
}
