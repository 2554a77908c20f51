import { isIP } from 'node:net';
import { type HttpRequest, headerOf } from './http-request.js';

/** Where a session was begun, as its owner sees it in the list of sessions. */
export interface ClientInfo {
  /** As the HTTP server sees it; behind a proxy the host configures `trust proxy`. `null` when that is no address. */
  readonly ipAddress: string | null;
  /** The first 255 characters. */
  readonly userAgent: string | null;
}

const LONGEST_USER_AGENT = 255;

export function clientOf(request: HttpRequest): ClientInfo {
  const userAgent = headerOf(request, 'user-agent');
  return {
    ipAddress: addressOf(request),
    userAgent: userAgent?.slice(0, LONGEST_USER_AGENT) ?? null,
  };
}

/**
 * The IP address of a request, without the port that some proxies forward and without a zone. `null` for anything else: a
 * proxy that is trusted may still hand on what the client has written.
 */
export function addressOf({ ip = '' }: Pick<HttpRequest, 'ip'>): string | null {
  const [, v6, v4] = /^(?:\[(.*)\](?::\d+)?|(\d+(?:\.\d+){3}):\d+)$/.exec(ip) ?? [];
  const address = (v6 ?? v4 ?? ip).split('%', 1)[0]!;
  return isIP(address) === 0 ? null : address;
}
