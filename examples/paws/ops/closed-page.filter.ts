import { type ArgumentsHost, Catch, HttpException } from '@nestjs/common';
import { BaseExceptionFilter, HttpAdapterHost } from '@nestjs/core';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGE = join(import.meta.dirname, 'public', 'closed.html');

/** Who may not see a page gets one that says so, where a program would get JSON. */
@Catch(HttpException)
export class ClosedPageFilter extends BaseExceptionFilter {
  private readonly page = readFileSync(PAGE, 'utf8');

  constructor(private readonly host: HttpAdapterHost) {
    super(host.httpAdapter);
  }

  override catch(exception: HttpException, host: ArgumentsHost): void {
    if (exception.getStatus() >= 500) {
      super.catch(exception, host);
      return;
    }
    const response: object = host.switchToHttp().getResponse();
    const { httpAdapter } = this.host;
    httpAdapter.setHeader(response, 'Content-Type', 'text/html; charset=utf-8');
    httpAdapter.setHeader(response, 'Cache-Control', 'no-store');
    httpAdapter.reply(response, this.page, 403);
  }
}
