import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { HttpAdapterHost, Reflector } from '@nestjs/core';
import { requestOf, responseOf } from '../requests/http-request.js';
import { tellWhenToRetry } from '../responses/retry-after.interceptor.js';
import { ClientLimits } from './client-limits.service.js';
import { Limited } from './limited.decorator.js';

/** Counts the requests to a route that has a limit. By its handler, so that no spelling of the path is a way around. */
@Injectable()
export class ClientLimitGuard implements CanActivate {
  constructor(
    private readonly limits: ClientLimits,
    private readonly reflector: Reflector,
    private readonly host: HttpAdapterHost,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const handler = context.getHandler();
    const limited = this.reflector.get(Limited, handler);
    if (!limited) return true;
    const bucket = limited.bucket ?? `${context.getClass().name}.${handler.name}`;
    try {
      await this.limits.take(limited.limit, bucket, requestOf(context));
    } catch (error) {
      tellWhenToRetry(this.host, responseOf(context), error);
      throw error;
    }
    return true;
  }
}
