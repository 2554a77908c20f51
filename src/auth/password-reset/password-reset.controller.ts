import {
  Body,
  Controller,
  Get,
  HttpCode,
  Param,
  Post,
  Query,
  Req,
  Res,
  UseGuards,
} from '@nestjs/common';
import { ApiBody, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Limited } from '../limits/limited.decorator.js';
import { MailGuard } from '../mail/mail.guard.js';
import { AuthRoutes, TakesForm } from '../requests/auth-route.js';
import { fieldsOf } from '../requests/body.pipe.js';
import { type HttpRequest, isForm } from '../requests/http-request.js';
import { PasswordResetGateway } from './password-reset.gateway.js';
import { RequestPasswordResetDto } from './request-password-reset.dto.js';
import {
  OpenPasswordResetDto,
  ResetPasswordDto,
  ResetPasswordQueryDto,
} from './reset-password.dto.js';

@AuthRoutes()
@UseGuards(MailGuard)
@ApiTags('password reset')
@Controller()
export class PasswordResetController {
  constructor(private readonly gateway: PasswordResetGateway) {}

  @Post('request-password-reset')
  @HttpCode(200)
  @Limited({ limit: 'mail' })
  @ApiOperation({ summary: 'Mails a link to the address of an account; the answer says nothing' })
  @ApiBody({ type: RequestPasswordResetDto })
  async ask(
    @Body(fieldsOf(RequestPasswordResetDto)) body: Readonly<RequestPasswordResetDto>,
    @Req() request: HttpRequest,
  ): Promise<{ status: true; message: string }> {
    await this.gateway.ask(request, body);
    return { status: true, message: 'A link is on its way if an account has this address.' };
  }

  /** Before the next one, which takes any token. */
  @Get('reset-password/done')
  @ApiOperation({ summary: 'The page after the form' })
  done(@Res({ passthrough: true }) response: object): string {
    return this.gateway.done(response);
  }

  @Get('reset-password/:token')
  @ApiOperation({ summary: 'Where the link leads: to the app or a form. Uses nothing up' })
  @ApiQuery({ name: 'callbackURL', required: false })
  open(
    @Param('token') token: string,
    @Query(fieldsOf(OpenPasswordResetDto)) { callbackURL }: Readonly<OpenPasswordResetDto>,
    @Res({ passthrough: true }) response: object,
  ): Promise<string> {
    return this.gateway.open(response, token, callbackURL);
  }

  @Post('reset-password')
  @HttpCode(200)
  @Limited({ limit: 'codes' })
  @TakesForm(true)
  @ApiOperation({ summary: 'Sets the new password and ends every session; signs nobody in' })
  @ApiBody({ type: ResetPasswordDto })
  @ApiQuery({ name: 'token', required: false })
  async reset(
    @Body(fieldsOf(ResetPasswordDto)) { newPassword, token }: Readonly<ResetPasswordDto>,
    @Query(fieldsOf(ResetPasswordQueryDto)) query: Readonly<ResetPasswordQueryDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<{ status: true } | string> {
    const given = token ?? query.token ?? '';
    if (isForm(request)) return this.gateway.submit(request, response, given, newPassword);
    await this.gateway.reset(request, given, newPassword);
    return { status: true };
  }
}
