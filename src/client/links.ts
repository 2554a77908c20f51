/** Where a link stands. `pending` is retried by the server until it is done or has failed for good. */
export type LinkStatus = 'merged' | 'pending' | 'awaiting-consent' | 'kept' | 'declined' | 'failed';

/** What happened to the guest's rows of one table. */
export interface TableReceipt {
  /** Rows that belong to the account now. */
  readonly moved: number;
  /** Rows whose content went into a row of the account. */
  readonly folded: number;
  /** Rows that gave way to one of the account. */
  readonly dropped: number;
}

/** What a finished merge did. */
export interface LinkReceipt {
  /** By table. */
  readonly tables: Readonly<Record<string, TableReceipt>>;
  readonly mergedAt: Date;
}

/** A guest that met an account: what has become of it, or will. */
export interface Link {
  readonly id: string;
  readonly status: LinkStatus;
  /** The policy that decided, such as `ask`; `both-sides` when guest and account have to confirm. */
  readonly policy: string;
  /** `null` until the merge is done, and for the guest of a link that both sides confirm. */
  readonly receipt: LinkReceipt | null;
  /** What a person compares on the screens of both sides, while both have to confirm the link and can. */
  readonly code?: string;
  /** Who has said yes, while both have to confirm the link. */
  readonly agreed?: LinkAgreement;
}

/** Who has said yes to a link that both sides confirm. */
export interface LinkAgreement {
  readonly guest: boolean;
  readonly account: boolean;
}

/** What a merge would do with one table. */
export interface TablePreview {
  /** Rows of the guest. */
  readonly rows: number;
  /** Rows, of either side, that would give way. */
  readonly collisions: number;
  /** What decides about collisions: a strategy, or `handler`. */
  readonly decidedBy: string;
}

/** What a merge would do, if it were done at this moment. */
export interface LinkPreview {
  /** Tables in which something would happen, by name. */
  readonly tables: Readonly<Record<string, TablePreview>>;
  /** Goes along with the confirmation. Changes whenever the preview does. */
  readonly hash: string;
}

/** A link with what confirming it would do. */
export interface LinkDetails extends Link {
  /** `null` when there is nothing to confirm, or nothing that the caller may see. */
  readonly preview: LinkPreview | null;
}

/** What goes along with a confirmation. */
export interface Confirmation {
  /** The `hash` of the preview that was shown. If a merge would do something else by now, the error is `LINK_PREVIEW_STALE`. */
  readonly preview?: string;
  /** The `code` on the screen of the other side; needed where both sides confirm, which is where a link has one. */
  readonly code?: string;
}
