import { type HttpRequest, headerOf } from './http-request.js';

/** Where a session was begun, as its owner sees it in the list of sessions. */
export interface ClientInfo {
  /** As the HTTP server sees it; behind a proxy the host configures `trust proxy`. */
  readonly ipAddress: string | null;
  /** The first 255 characters. */
  readonly userAgent: string | null;
}

const LONGEST_USER_AGENT = 255;

export function clientOf(request: HttpRequest): ClientInfo {
  const userAgent = headerOf(request, 'user-agent');
  return {
    ipAddress: request.ip ?? null,
    userAgent: userAgent?.slice(0, LONGEST_USER_AGENT) ?? null,
  };
}
