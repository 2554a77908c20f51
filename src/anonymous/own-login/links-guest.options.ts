import type { LinkView } from '../../auth/account-linker.js';
import type { HttpRequest } from '../../auth/requests/http-request.js';

/**
 * Whose login a route is, and what its answer says of the guest.
 * @typeParam Answer what the handler answers, as the host knows it.
 */
export interface LinksGuestOptions<Answer = unknown> {
  /**
   * The id of the account that has signed in, from what the handler answered; `undefined` when nobody has. The policy can
   * then be asked only after the handler: when it refuses, cookies that the handler put on the response are taken back, but
   * a session that the host has written stays.
   * @default `userId`, `id` or `sub` of `request.user`
   */
  readonly account?: (request: HttpRequest, answer: Answer) => string | number | bigint | undefined;
  /**
   * Makes the route's answer of the handler's and the link, which is `null` when no guest was linked. The way to tell the
   * client the id of a link that waits for consent.
   * @default the handler's answer as it is
   */
  readonly answer?: (answer: Answer, link: LinkView | null) => unknown;
}
