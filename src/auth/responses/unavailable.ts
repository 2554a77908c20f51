import type { HttpAdapterHost } from '@nestjs/core';
import { AnonymousException } from '../../common/errors.js';
import { sqlStateOf } from '../../common/sql.js';

/**
 * SQLSTATEs of a server that cannot do now what it can do at another time: connection lost, out of connections, disk or
 * memory, ended or starting, read only, and statements that gave way or were given up.
 */
const FOR_NOW = /^(08...|53...|57P0.|57014|25006|40001|40P01|55P03|58030)$/;

/** What Node says of a server that cannot be reached. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** What the driver says without any code: of a connection that broke, of a pool without one, and of its own timeout. */
const BROKEN =
  /^(Connection terminated|Client (has encountered a connection error|was closed) and is not queryable|timeout exceeded when trying to connect|Query read timeout)/;

/** What TypeORM says of a transaction whose connection has broken while nothing was asked of it. */
const RELEASED = /^QueryRunner(Provider)?AlreadyReleasedError$/;

/**
 * Whether an error says that Postgres cannot be worked with at this moment. What was asked for may still have happened, when
 * only the answer was lost.
 */
export function isUnavailable(error: unknown): boolean {
  const { code, name, message, driverError } = (error ?? {}) as Partial<
    Error & { code: unknown; driverError: unknown }
  >;
  return (
    FOR_NOW.test(sqlStateOf(error) ?? '') ||
    UNREACHABLE.has(String(code)) ||
    BROKEN.test(message ?? '') ||
    RELEASED.test(name ?? '') ||
    (driverError !== undefined && isUnavailable(driverError))
  );
}

/**
 * What a client is told: 503 instead of a database that is away, every other error as it is, and when to try again with each
 * that goes away by itself. For guards and interceptors; no interceptor sees what guards throw.
 */
export function toldOf(
  error: unknown,
  { httpAdapter }: HttpAdapterHost,
  response: object,
): unknown {
  const told = isUnavailable(error)
    ? new AnonymousException('TEMPORARILY_UNAVAILABLE', { cause: error })
    : error;
  if (told instanceof AnonymousException && told.retryAfterSeconds !== undefined) {
    httpAdapter.setHeader(response, 'Retry-After', String(told.retryAfterSeconds));
    httpAdapter.setHeader(response, 'Cache-Control', 'no-store');
  }
  return told;
}
