import type { UserId } from './user.js';

/** Guests whose last visit was noted before a moment, by the database's clock. */
export interface StaleRange {
  /** A timestamp as Postgres writes it, so that no microsecond is lost on the way. */
  readonly cutoff: string;
  /** Only guests behind this one. */
  readonly after?: StaleGuest;
}

/** A guest, and its place in the order in which guests are looked at. */
export interface StaleGuest {
  readonly id: UserId;
  readonly lastSeenAt: string;
}

/** A stale guest; `isHeld` when its row is locked for this transaction, and not by somebody else. */
export interface FoundGuest extends StaleGuest {
  readonly isHeld: boolean;
}

/** Something that keeps a guest. The first rule that applies is the reason. */
export interface KeepRule<Reason extends string> {
  readonly reason: Reason;
  /** SQL conditions over a user's id, itself a SQL expression. One of them is enough. */
  readonly conditions: (user: string) => readonly string[];
}

/** What decides about guests, from layers that know of more than users. */
export interface Judgement<Reason extends string> {
  readonly rules: readonly KeepRule<Reason>[];
  /** SQL condition: the rules are about the tables that there are. */
  readonly isCurrent: string;
  /** Statement that forgets guests which have gone, given a query for their ids. */
  readonly forget: (guests: string) => string;
}

/** A guest that still was stale when the rules were asked. */
export interface JudgedGuest<Reason extends string> {
  readonly id: UserId;
  /** `null` when no rule keeps it, `failed` when the database did not delete it all the same. */
  readonly reason: Reason | 'failed' | null;
  /** `false` when the rules are about tables that are not those of the database. */
  readonly isCurrent: boolean;
}
