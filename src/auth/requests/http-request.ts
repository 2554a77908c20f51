import type { ExecutionContext } from '@nestjs/common';

/** What an Express request and a Fastify request have in common. */
export interface HttpRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Names and values in turn, as they came; Fastify has them on `raw`. */
  readonly rawHeaders?: readonly string[];
  readonly raw?: { readonly rawHeaders?: readonly string[] };
  readonly ip?: string;
  readonly url?: string;
  /** As it came, where an adapter takes a prefix off `url`. */
  readonly originalUrl?: string;
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

/** Whether a header came more than once. */
export function isRepeated({ raw, rawHeaders }: HttpRequest, name: string): boolean {
  const names = (rawHeaders ?? raw?.rawHeaders ?? []).filter((_, n) => n % 2 === 0);
  return names.filter((given) => given.toLowerCase() === name).length > 1;
}

/** The path as it came, without the query. */
export function pathOf({ originalUrl, url }: HttpRequest): string {
  return (originalUrl ?? url ?? '').split('?', 1)[0]!;
}

/** Whether the method promises to change nothing. */
export function isSafe(request: HttpRequest): boolean {
  return /^(GET|HEAD|OPTIONS)$/i.test(request.method);
}

/** Whether the body is what an HTML form sends. */
export function isForm(request: HttpRequest): boolean {
  const type = headerOf(request, 'content-type') ?? '';
  return /^application\/x-www-form-urlencoded *(;|$)/i.test(type);
}
