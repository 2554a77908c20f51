import { HttpException } from '@nestjs/common';
import { ERROR_CODES, type ErrorCode } from './error-codes.js';

/** What is wrong with one field of a request. Never repeats the value that was sent. */
export interface FieldError {
  readonly field: string;
  readonly messages: readonly string[];
}

export interface AnonymousExceptionDetail {
  /** The reason for the log; never sent to the client. */
  readonly cause?: unknown;
  /** One entry for each invalid field, with `VALIDATION_FAILED`. */
  readonly errors?: readonly FieldError[];
  /** What a merge would do now, with `LINK_PREVIEW_STALE`. */
  readonly preview?: object;
  /** When it makes sense to try again; sent as the header `Retry-After`. @default 2 with `TEMPORARILY_UNAVAILABLE`, else none */
  readonly retryAfterSeconds?: number;
}

/** Work at the limit is over soon, but not so soon that everybody who waits may come back at once. */
const SOON_SECONDS = 2;

/**
 * The one exception that clients of this library see: `{ statusCode, code, message }`, plus `errors` for validation
 * and `preview` for a link.
 * Status and message are constants of the code, so nothing about a user leaks through them.
 */
export class AnonymousException extends HttpException {
  /** Seconds until it makes sense to try again. `undefined` when time changes nothing. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly code: ErrorCode,
    { cause, errors, preview, retryAfterSeconds }: AnonymousExceptionDetail = {},
  ) {
    const [statusCode, message] = ERROR_CODES[code];
    const detail = { ...(errors && { errors }), ...(preview && { preview }) };
    super({ statusCode, code, message, ...detail }, statusCode, { cause });
    this.name = 'AnonymousException';
    this.retryAfterSeconds =
      retryAfterSeconds ?? (code === 'TEMPORARILY_UNAVAILABLE' ? SOON_SECONDS : undefined);
  }
}

/** A mistake in the wiring, found at start. The message names what is wrong and what to write instead. */
export class ConfigurationError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(`nestjs-anonymous: ${message}`, options);
    this.name = 'ConfigurationError';
  }
}
