import { Body, Controller, HttpCode, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Limited } from '../limits/limited.decorator.js';
import { MailGuard } from '../mail/mail.guard.js';
import { AuthRoutes } from '../requests/auth-route.js';
import { fieldsOf } from '../requests/body.pipe.js';
import type { HttpRequest } from '../requests/http-request.js';
import type { SignInView } from '../responses/views.js';
import { EmailOtpGateway } from './email-otp.gateway.js';
import { SendEmailOtpDto } from './send-email-otp.dto.js';
import { SignInEmailOtpDto } from './sign-in-email-otp.dto.js';

@AuthRoutes()
@UseGuards(MailGuard)
@ApiTags('code by mail')
@Controller()
export class EmailOtpController {
  constructor(private readonly gateway: EmailOtpGateway) {}

  @Post('email-otp/send-verification-otp')
  @HttpCode(200)
  @Limited({ limit: 'mail' })
  @ApiOperation({ summary: 'Mails a code, whether or not the address is known' })
  @ApiBody({ type: SendEmailOtpDto })
  async send(
    @Body(fieldsOf(SendEmailOtpDto)) { email }: Readonly<SendEmailOtpDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<{ success: true }> {
    await this.gateway.ask(request, response, email);
    return { success: true };
  }

  @Post('sign-in/email-otp')
  @HttpCode(200)
  @Limited({ limit: 'codes' })
  @ApiOperation({ summary: 'Signs in by the code, to a known account or a new one' })
  @ApiBody({ type: SignInEmailOtpDto })
  signIn(
    @Body(fieldsOf(SignInEmailOtpDto)) body: Readonly<SignInEmailOtpDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<SignInView> {
    return this.gateway.signIn(request, response, body);
  }
}
