import { Injectable } from '@nestjs/common';
import type { ClientInfo } from '../../auth/requests/client-info.js';
import type { HttpRequest } from '../../auth/requests/http-request.js';

/** Who asks to become a guest. */
export interface GuestGateContext {
  readonly client: ClientInfo;
  /** The request that asks for a guest, for example to read the answer of a captcha from a header. */
  readonly request: HttpRequest;
  /** Whether more guests are asked for by everybody together than `throttle.rush` expects: the time for a challenge. */
  readonly isRush: boolean;
}

/** `challenge` and `deny` answer 403 with the given code and message; without them, with `CHALLENGE_REQUIRED` or `GUEST_REFUSED`. */
export type GuestGateDecision =
  | { readonly outcome: 'allow' }
  | {
      readonly outcome: 'challenge' | 'deny';
      readonly code?: string;
      readonly message?: string;
      /** What the client needs to know to go on, such as the site key of a captcha. Sent as `hint`. */
      readonly hint?: string | Readonly<Record<string, unknown>>;
    };

/**
 * Decides whether a request gets a guest, before anything is written. Give a class of yours as `guestGate`. One that throws,
 * or takes longer than three seconds, lets nobody in: 503 `TEMPORARILY_UNAVAILABLE`. Guests that exist do not notice.
 */
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
