import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { catchError, type Observable } from 'rxjs';
import { responseOf } from '../requests/http-request.js';
import { toldOf } from './unavailable.js';

/**
 * Answers 503 `TEMPORARILY_UNAVAILABLE` for as long as Postgres is away, for nothing is wrong with the request, and says in
 * `Retry-After` with every error of this library that goes away by itself when to try again. The routes of this library have it; a host that wants the same of its own writes
 * `{ provide: APP_INTERCEPTOR, useClass: UnavailableInterceptor }` among its providers.
 */
@Injectable()
export class UnavailableInterceptor implements NestInterceptor {
  constructor(private readonly host: HttpAdapterHost) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    return next.handle().pipe(
      catchError((error: unknown) => {
        throw toldOf(error, this.host, responseOf(context));
      }),
    );
  }
}
