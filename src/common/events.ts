/** Names of the domain events. They go out after the commit, through `@nestjs/event-emitter`. */
export const EVENTS = {
  guestIssued: 'guest.issued',
  guestUpgraded: 'guest.upgraded',
  guestReaped: 'guest.reaped',
  accountLinked: 'account.linked',
  accountLinkFailed: 'account.link-failed',
} as const;

/** A guest's row was made. */
export interface GuestIssuedEvent {
  readonly guestId: string;
}

/** A guest became an account: the same row, the same id. */
export interface GuestUpgradedEvent {
  readonly userId: string;
}

/** Guests were deleted by policy. One event for each batch. */
export interface GuestReapedEvent {
  readonly guestIds: readonly string[];
}

/** A guest met an existing account. */
export interface LinkEvent {
  readonly linkId: string;
  readonly guestId: string;
  readonly accountId: string;
}

/** The merge has been given up after `attempts` tries; the guest and its rows are whole. */
export interface AccountLinkFailedEvent extends LinkEvent {
  readonly attempts: number;
  readonly error: string;
}
