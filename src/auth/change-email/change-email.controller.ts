import { Body, Controller, HttpCode, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Limited } from '../limits/limited.decorator.js';
import { MailGuard } from '../mail/mail.guard.js';
import { AccountOnly } from '../requests/access.decorators.js';
import { AuthRoutes } from '../requests/auth-route.js';
import { fieldsOf } from '../requests/body.pipe.js';
import type { HttpRequest } from '../requests/http-request.js';
import { ChangeEmailDto } from './change-email.dto.js';
import { ChangeEmailGateway } from './change-email.gateway.js';

@AuthRoutes()
@UseGuards(MailGuard)
@ApiTags('account')
@Controller()
export class ChangeEmailController {
  constructor(private readonly gateway: ChangeEmailGateway) {}

  @Post('change-email')
  @Limited({ limit: 'mail' })
  @HttpCode(200)
  @AccountOnly()
  @ApiOperation({ summary: 'Mails a link to another address, which takes the place of the old' })
  @ApiBody({ type: ChangeEmailDto })
  async changeEmail(
    @Body(fieldsOf(ChangeEmailDto)) body: Readonly<ChangeEmailDto>,
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<{ status: true }> {
    await this.gateway.ask(request, response, body);
    return { status: true };
  }
}
