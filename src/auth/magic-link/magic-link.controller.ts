import { Body, Controller, Get, HttpCode, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Limited } from '../limits/limited.decorator.js';
import { MailGuard } from '../mail/mail.guard.js';
import { AuthRoutes, TakesForm } from '../requests/auth-route.js';
import { fieldsOf } from '../requests/body.pipe.js';
import { ForgeryPolicy } from '../requests/forgery.policy.js';
import { type HttpRequest, isForm } from '../requests/http-request.js';
import type { SignInView } from '../responses/views.js';
import { AskMagicLinkDto } from './ask-magic-link.dto.js';
import { MagicLinkGateway } from './magic-link.gateway.js';
import { OpenMagicLinkDto } from './open-magic-link.dto.js';
import { FetchMagicLinkDto, VerifyMagicLinkDto } from './verify-magic-link.dto.js';

@AuthRoutes()
@UseGuards(MailGuard)
@ApiTags('magic link')
@Controller()
export class MagicLinkController {
  constructor(
    private readonly gateway: MagicLinkGateway,
    private readonly forgery: ForgeryPolicy,
  ) {}

  @Post('sign-in/magic-link')
  @HttpCode(200)
  @Limited({ limit: 'mail' })
  @ApiOperation({ summary: 'Mails a link, whether or not the address is known' })
  @ApiBody({ type: AskMagicLinkDto })
  async ask(
    @Body(fieldsOf(AskMagicLinkDto, ['metadata'])) body: Readonly<AskMagicLinkDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<{ status: true }> {
    await this.gateway.ask(request, response, body);
    return { status: true };
  }

  @Get('magic-link/open')
  @ApiOperation({ summary: 'The page behind the link: a button. Uses nothing up' })
  @ApiQuery({ name: 'token' })
  open(
    @Query(fieldsOf(OpenMagicLinkDto)) { token }: Readonly<OpenMagicLinkDto>,
    @Res({ passthrough: true }) response: object,
  ): Promise<string> {
    return this.gateway.open(response, token);
  }

  @Post('magic-link/verify')
  @HttpCode(200)
  @TakesForm(true)
  @Limited({ limit: 'codes', bucket: 'magic-link/verify' })
  @ApiOperation({ summary: 'Signs in; the form of the page is led on, a script gets the session' })
  @ApiBody({ type: VerifyMagicLinkDto })
  async verify(
    @Body(fieldsOf(VerifyMagicLinkDto)) body: Readonly<VerifyMagicLinkDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<SignInView | string> {
    return isForm(request)
      ? this.gateway.submit(request, response, body.token)
      : this.gateway.verify(request, response, body);
  }

  /** The same by the method that better-auth's client uses. */
  @Get('magic-link/verify')
  @Limited({ limit: 'codes', bucket: 'magic-link/verify' })
  @ApiOperation({ summary: 'Signs in a script of the app; leads everybody else to the page' })
  @ApiQuery({ name: 'token' })
  async fetch(
    @Query(fieldsOf(FetchMagicLinkDto)) query: Readonly<FetchMagicLinkDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<SignInView | string> {
    return this.forgery.isOwnScript(request)
      ? this.gateway.verify(request, response, query)
      : this.gateway.toPage(request, response, query.token);
  }
}
