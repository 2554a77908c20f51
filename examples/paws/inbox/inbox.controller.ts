import { Controller, Get, Header } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Mailer, type MailMessage } from '../../../src/index.js';
import type { DevInbox } from './dev-inbox.js';

@ApiTags('development')
@Controller('dev/inbox')
export class InboxController {
  constructor(private readonly inbox: Mailer) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Mail that would have been sent, the latest first' })
  list(): readonly MailMessage[] {
    return (this.inbox as DevInbox).list();
  }
}
