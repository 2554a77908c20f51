import type { Identity } from '../../users/identity.js';

/** A way in, as its owner sees it; clients know it as an account of the user. Never has a secret. */
export interface IdentityView {
  readonly id: string;
  /** `credential` for the password, else the name of the provider. */
  readonly providerId: string;
  /** Whom the provider vouches for; for the password the user's own id. */
  readonly accountId: string;
  readonly userId: string;
  /** None are kept: tokens of providers never reach a client. */
  readonly scopes: readonly string[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

export function identityView(identity: Identity): IdentityView {
  return {
    id: identity.id,
    providerId: identity.provider === 'password' ? 'credential' : identity.provider,
    accountId: identity.subject,
    userId: identity.userId,
    scopes: [],
    createdAt: identity.createdAt.toISOString(),
    updatedAt: identity.updatedAt.toISOString(),
  };
}
