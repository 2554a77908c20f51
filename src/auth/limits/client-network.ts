import { normalizeIp } from '@nestjs/throttler';
import { isIP } from 'node:net';
import type { HttpRequest } from '../requests/http-request.js';

/** Everybody without an address that can be told apart. */
const NOBODY_KNOWN = 'unknown';

/**
 * Where a request comes from: an IPv4 address, however it is written, or the first half of an IPv6 address, because one client
 * has all of the other half. The address is the one that the HTTP adapter gives; forwarded headers are its business.
 */
export function networkOf({ ip }: Pick<HttpRequest, 'ip'>): string {
  const address = withoutPort(ip ?? '');
  return isIP(address.split('%', 1)[0]!) === 0 ? NOBODY_KNOWN : normalizeIp(address);
}

/** Some proxies forward the client's port too, which it can choose anew for each request. */
function withoutPort(address: string): string {
  const [, v6, v4] = /^(?:\[(.*)\](?::\d+)?|(\d+(?:\.\d+){3}):\d+)$/.exec(address) ?? [];
  return v6 ?? v4 ?? address;
}
