import { normalizeIp } from '@nestjs/throttler';
import { addressOf } from '../requests/client-info.js';
import type { HttpRequest } from '../requests/http-request.js';

/** Everybody without an address that can be told apart. */
const NOBODY_KNOWN = 'unknown';

/**
 * Where a request comes from: an IPv4 address, however it is written, or the first half of an IPv6 address, because one client
 * has all of the other half. The address is the one that the HTTP adapter gives; forwarded headers are its business.
 */
export function networkOf(request: Pick<HttpRequest, 'ip'>): string {
  const address = addressOf(request);
  return address === null ? NOBODY_KNOWN : normalizeIp(address);
}
