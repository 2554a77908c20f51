import type { AddressChanged } from '../change-email/change-email.service.js';
import {
  issuedSessionView,
  type SessionView,
  type SignInView,
  type UserView,
  userView,
} from '../responses/views.js';

/** The answer of a link that gave an account another address. */
export interface AddressChangedView {
  readonly user: UserView;
  /** `null` in a browser in which the account was not signed in. */
  readonly token: string | null;
  readonly session: SessionView | null;
  readonly link: null;
  readonly redirect: boolean;
  readonly url?: string;
}

/** The answer of a link that proved an address. */
export type VerificationView = { readonly status: true } & (SignInView | AddressChangedView);

export function addressChangedView(
  { user, session }: AddressChanged,
  url: string | undefined,
): AddressChangedView {
  const issued = session ? issuedSessionView(session) : { token: null, session: null };
  const next = url === undefined ? { redirect: false } : { redirect: true, url };
  return { ...issued, user: userView(user), link: null, ...next };
}
