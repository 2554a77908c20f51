import { type ArgumentsHost, Catch, HttpException } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import type { ErrorCode } from '../../common/error-codes.js';
import { AnonymousException } from '../../common/errors.js';

const CODES: Readonly<Record<number, ErrorCode>> = {
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
};

/**
 * Gives the errors that a body parser raises before any guard runs the shape of all the others, and keeps them from
 * repeating a piece of the body. Opt in: `app.useGlobalFilters(new AnonymousExceptionFilter(app.getHttpAdapter()))`.
 */
@Catch(HttpException)
export class AnonymousExceptionFilter extends BaseExceptionFilter {
  override catch(exception: HttpException, host: ArgumentsHost): void {
    super.catch(codeOf(exception) ?? exception, host);
  }
}

function codeOf(exception: HttpException): AnonymousException | undefined {
  if (exception instanceof AnonymousException) return undefined;
  const { cause } = exception;
  const isMalformed = isParseError(cause) || isDamagedStream(cause);
  const code = CODES[exception.getStatus()] ?? (isMalformed ? 'MALFORMED_JSON' : undefined);
  return code && isFromParser(cause) ? new AnonymousException(code, { cause }) : undefined;
}

function isParseError(cause: unknown): boolean {
  const { type, code } = (cause ?? {}) as { type?: unknown; code?: unknown };
  const codes = ['FST_ERR_CTP_INVALID_JSON_BODY', 'FST_ERR_CTP_EMPTY_JSON_BODY'];
  return (
    cause instanceof SyntaxError || type === 'entity.parse.failed' || codes.includes(String(code))
  );
}

/** The body is not what its `Content-Encoding` says: zlib's errors have a code of these and a number. */
function isDamagedStream(cause: unknown): boolean {
  const { code, errno } = (cause ?? {}) as { code?: unknown; errno?: unknown };
  return typeof errno === 'number' && /^(Z_|ERR__)/.test(String(code));
}

/** body-parser tells by `type`, Fastify by a code; a host's own 413 or 415 has neither. */
function isFromParser(cause: unknown): boolean {
  const { type, code } = (cause ?? {}) as { type?: unknown; code?: unknown };
  return (
    typeof type === 'string' ||
    isDamagedStream(cause) ||
    String(code).startsWith('FST_ERR_CTP_') ||
    cause instanceof SyntaxError
  );
}
