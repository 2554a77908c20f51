import type { EntityManager } from 'typeorm';
import { rowsOf, type SqlExecutor, type SqlParameters } from '../common/sql.js';
import type { UserId } from '../users/user.js';

/** Where a link stands. `pending` is retried until it is done or has failed for good. */
export type LinkStatus = 'merged' | 'pending' | 'awaiting-consent' | 'kept' | 'declined' | 'failed';

/** What happened to the guest's rows of one table. */
export interface TableReceipt {
  /** Rows that belong to the account now. */
  readonly moved: number;
  /** Rows whose content went into a row of the account. */
  readonly folded: number;
  /** Rows that gave way to one of the account, or that went with the guest because their table is ignored. */
  readonly dropped: number;
}

/** What a finished merge did, by table. */
export interface LinkReceipt {
  readonly tables: Readonly<Record<string, TableReceipt>>;
  /** ISO 8601, by the database's clock. */
  readonly mergedAt: string;
}

/** The link as sign-in answers and domain events show it. */
export interface LinkView {
  readonly id: string;
  readonly status: LinkStatus;
  readonly policy: string;
  /** `null` until the merge is done. */
  readonly receipt: LinkReceipt | null;
}

/** A link as the ledger has just recorded it. */
export interface RecordedLink extends LinkView {
  readonly guestId: UserId;
  /** `null` once the account has been deleted. */
  readonly accountId: UserId | null;
}

/** A guest named by a genuine credential. Whether it still lives is decided by the statement that uses it. */
export interface GuestCredential {
  readonly id: UserId;
  readonly epoch: number;
}

/**
 * What becomes of a link once it is recorded; `undecided` when nobody could say in time. `both-sides`: nobody has shown that
 * the guest and the account are one person, so nothing happens until both have said so.
 */
export type LinkPlan = 'merge' | 'ask' | 'keep' | 'undecided' | 'both-sides';

/** What opens a link, for the statement that signs the account in. */
export interface OpeningLink {
  /** The link, if the statement opens it. */
  readonly link: RecordedLink;
  /** `INSERT` that returns a row for it. */
  readonly sql: string;
}

/** An account that the statement around has found. */
export interface FoundAccount {
  readonly id: UserId;
  /** SQL: the relation that has a row if there is the account. */
  readonly from: string;
  /** SQL: its id, as its column has it. */
  readonly key: string;
}

/**
 * The port through which signing in tells that a guest met an account. `auth` declares it and knows nothing of merging;
 * `linking` implements it.
 */
export abstract class AccountLinker {
  /**
   * What the host wants to become of the guest, asked before anything is written.
   * @throws AnonymousException `LINK_REFUSED`: the account must not be signed in over this guest.
   */
  abstract plan(guest: GuestCredential, accountId: UserId): Promise<LinkPlan>;

  /**
   * Records the link durably, in the transaction that signs the account in.
   * The same guest and account always get the same link, except that one which waits for both sides gives way to one that
   * does not, and to a later one of its kind to another account; `null` when there is nothing to link.
   */
  abstract record(
    manager: EntityManager,
    guest: GuestCredential,
    accountId: UserId,
    plan: LinkPlan,
  ): Promise<RecordedLink | null>;

  /**
   * The part of {@link record} that opens a link to be merged which nothing is in the way of, without a message of its own.
   * Whoever finds it not opened calls {@link record}, which knows why.
   */
  abstract opening(p: SqlParameters, guest: GuestCredential, account: FoundAccount): OpeningLink;

  /**
   * Brings a recorded link as far as it gets within the budget. Never throws and never waits longer. `null` when it turns
   * out that there is nothing to link: the guest became an account by itself.
   */
  abstract follow(link: RecordedLink): Promise<LinkView | null>;

  /** The guest is gone or an account by now, so the links that wait for it, or could still be confirmed, go too. */
  abstract forget(manager: EntityManager, guestId: UserId): Promise<void>;

  /** SQL condition: the user with this id (a SQL expression) has not been taken over by an account. */
  abstract notTakenOver(userId: string): string;

  /** Whether the rows of this user are an account's, or on their way to it. */
  async isTakenOver(executor: SqlExecutor, userId: UserId): Promise<boolean> {
    const [row] = await rowsOf<{ free: boolean }>(
      executor,
      `SELECT ${this.notTakenOver('$1')} AS "free"`,
      [userId],
    );
    return !row!.free;
  }
}
