import type { ExecutionContext } from '@nestjs/common';

/** What an Express request and a Fastify request have in common. */
export interface HttpRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly ip?: string;
  readonly body?: unknown;
  user?: unknown;
}

export function requestOf(context: ExecutionContext): HttpRequest {
  return context.switchToHttp().getRequest<HttpRequest>();
}

export function responseOf(context: ExecutionContext): object {
  return context.switchToHttp().getResponse<object>();
}

/** One header's value. Node joins repeated ones, except for the few that it keeps as a list. */
export function headerOf(request: HttpRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** Whether the method promises to change nothing. */
export function isSafe(request: HttpRequest): boolean {
  return /^(GET|HEAD|OPTIONS)$/i.test(request.method);
}
