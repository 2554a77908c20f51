import { Body, Controller, Get, HttpCode, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Limited } from '../limits/limited.decorator.js';
import { MailGuard } from '../mail/mail.guard.js';
import { AuthRoutes, TakesForm } from '../requests/auth-route.js';
import { fieldsOf } from '../requests/body.pipe.js';
import { ForgeryPolicy } from '../requests/forgery.policy.js';
import { type HttpRequest, isForm } from '../requests/http-request.js';
import { EmailVerificationGateway } from './email-verification.gateway.js';
import { SendVerificationEmailDto } from './send-verification-email.dto.js';
import { VerificationGateway } from './verification.gateway.js';
import type { VerificationView } from './verification-view.js';
import { FetchVerificationDto, OpenVerificationDto, VerifyEmailDto } from './verify-email.dto.js';

@AuthRoutes()
@UseGuards(MailGuard)
@ApiTags('e-mail verification')
@Controller()
export class EmailVerificationController {
  constructor(
    private readonly asking: EmailVerificationGateway,
    private readonly gateway: VerificationGateway,
    private readonly forgery: ForgeryPolicy,
  ) {}

  @Post('send-verification-email')
  @Limited({ limit: 'mail' })
  @HttpCode(200)
  @ApiOperation({
    summary: 'Mails a link to an address that waits to be proven; says nothing of it',
  })
  @ApiBody({ type: SendVerificationEmailDto })
  async send(
    @Body(fieldsOf(SendVerificationEmailDto)) body: Readonly<SendVerificationEmailDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<{ status: true }> {
    await this.asking.ask(request, response, body);
    return { status: true };
  }

  @Get('verify-email/open')
  @ApiOperation({ summary: 'The page behind the link: a button. Uses nothing up' })
  @ApiQuery({ name: 'token' })
  open(
    @Query(fieldsOf(OpenVerificationDto)) { token }: Readonly<OpenVerificationDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<string> {
    return this.gateway.open(request, response, token);
  }

  @Post('verify-email')
  @Limited({ limit: 'codes', bucket: 'verify-email' })
  @HttpCode(200)
  @TakesForm(true)
  @ApiOperation({ summary: 'Proves the address, and signs in; the form of the page is led on' })
  @ApiBody({ type: VerifyEmailDto })
  async verify(
    @Body(fieldsOf(VerifyEmailDto)) body: Readonly<VerifyEmailDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<VerificationView | string> {
    return isForm(request)
      ? this.gateway.submit(request, response, body)
      : this.gateway.verify(request, response, body);
  }

  /** The same by the method that better-auth's client uses. */
  @Get('verify-email')
  @Limited({ limit: 'codes', bucket: 'verify-email' })
  @ApiOperation({ summary: 'The same for a script of the app; leads everybody else to the page' })
  @ApiQuery({ name: 'token' })
  async fetch(
    @Query(fieldsOf(FetchVerificationDto)) query: Readonly<FetchVerificationDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<VerificationView | string> {
    return this.forgery.isOwnScript(request)
      ? this.gateway.verify(request, response, query)
      : this.gateway.toPage(request, response, query.token);
  }
}
