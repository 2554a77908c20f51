import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { catchError, type Observable } from 'rxjs';
import { AnonymousException } from '../../common/errors.js';
import { responseOf } from '../requests/http-request.js';

/** Says with every error that goes away by itself when to try again. */
@Injectable()
export class RetryAfterInterceptor implements NestInterceptor {
  constructor(private readonly host: HttpAdapterHost) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      catchError((error: unknown) => {
        tellWhenToRetry(this.host, responseOf(context), error);
        throw error;
      }),
    );
  }
}

/** The same for guards, whose errors no interceptor sees. */
export function tellWhenToRetry(
  { httpAdapter }: HttpAdapterHost,
  response: object,
  error: unknown,
): void {
  if (!(error instanceof AnonymousException) || error.retryAfterSeconds === undefined) return;
  httpAdapter.setHeader(response, 'Retry-After', String(error.retryAfterSeconds));
  httpAdapter.setHeader(response, 'Cache-Control', 'no-store');
}
