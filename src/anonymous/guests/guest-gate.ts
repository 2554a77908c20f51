import { HttpException, Injectable } from '@nestjs/common';
import type { ClientInfo } from '../../auth/requests/client-info.js';
import type { HttpRequest } from '../../auth/requests/http-request.js';
import { ERROR_CODES } from '../../common/error-codes.js';

/** Who asks to become a guest. */
export interface GuestGateContext {
  readonly client: ClientInfo;
  /** The request that asks for a guest, for example to read the answer of a captcha from a header. */
  readonly request: HttpRequest;
}

/** `challenge` and `deny` answer 403 with the given code and message; without them, with `CHALLENGE_REQUIRED` or `GUEST_REFUSED`. */
export type GuestGateDecision =
  | { readonly outcome: 'allow' }
  | { readonly outcome: 'challenge' | 'deny'; readonly code?: string; readonly message?: string };

/** Decides whether a request gets a guest, before anything is written. Give a class of yours as `guestGate`. */
export abstract class GuestGate {
  abstract check(context: GuestGateContext): Promise<GuestGateDecision>;
}

/** The default: everybody gets one. */
@Injectable()
export class OpenGuestGate extends GuestGate {
  override async check(): Promise<GuestGateDecision> {
    return { outcome: 'allow' };
  }
}

/** @throws HttpException 403 */
export function enforce(decision: GuestGateDecision): void {
  if (decision.outcome === 'allow') return;
  const fallback = decision.outcome === 'challenge' ? 'CHALLENGE_REQUIRED' : 'GUEST_REFUSED';
  const [statusCode, text] = ERROR_CODES[fallback];
  const { code = fallback, message = text } = decision;
  throw new HttpException({ statusCode, code, message }, statusCode);
}
