import {
  applyDecorators,
  type CanActivate,
  type ExecutionContext,
  Injectable,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { HttpAdapterHost, Reflector } from '@nestjs/core';
import { ClientLimitGuard } from '../limits/client-limit.guard.js';
import { RetryAfterInterceptor } from '../responses/retry-after.interceptor.js';
import { Access } from './access-level.js';
import { ForgeryPolicy } from './forgery.policy.js';
import { requestOf, responseOf } from './http-request.js';

/** Marks a route that takes a form of our own page beside JSON. */
export const TakesForm = Reflector.createDecorator<true>({ key: 'nestjs-anonymous:takes-form' });

/** What every route of this library has in common: JSON only, from our own pages only, and never cached. */
@Injectable()
export class AuthRouteGuard implements CanActivate {
  constructor(
    private readonly forgery: ForgeryPolicy,
    private readonly host: HttpAdapterHost,
    private readonly reflector: Reflector,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const response = responseOf(context);
    this.host.httpAdapter.setHeader(response, 'Cache-Control', 'no-store');
    this.host.httpAdapter.appendHeader(response, 'Vary', 'Cookie, Authorization, Origin');
    const request = requestOf(context);
    if (this.reflector.get(TakesForm, context.getHandler())) {
      this.forgery.checkForm(request);
    } else {
      this.forgery.check(request);
      this.forgery.checkJson(request);
    }
    return true;
  }
}

/**
 * Marks a controller of this library. First among its decorators, so that its guard runs first. Its routes say for
 * themselves who may call them; the others are for everybody, also where the host has made the session guard global.
 */
export const AuthRoutes = (): ClassDecorator =>
  applyDecorators(
    UseGuards(AuthRouteGuard, ClientLimitGuard),
    UseInterceptors(RetryAfterInterceptor),
    Access('public'),
  );
