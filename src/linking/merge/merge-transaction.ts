import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { PreparedStatements } from '../../users/prepared-statements.js';
import type { UserId } from '../../users/user.js';
import { UsersService } from '../../users/users.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import type { AccountLink, LinkPair } from '../ledger/account-link.js';
import { LedgerService } from '../ledger/ledger.service.js';
import { LINKING_SETTINGS, type LinkingSettings } from '../linking.options.js';
import { OwnershipService } from '../ownership/ownership.service.js';
import { MergeConnection } from './merge-connection.js';
import { MergeRefusedError } from './merge.errors.js';
import { PartyLocksService } from './party-locks.service.js';
import { type Receipts, TakeOver } from './take-over.js';

/** How a try ended: with a receipt, without anything to do, or with a guest or an account that is none any more. */
export type MergeOutcome =
  | { readonly kind: 'merged'; readonly link: AccountLink; readonly guestAgeMs: number | null }
  | { readonly kind: 'settled-elsewhere' }
  | { readonly kind: 'void' };

/**
 * THE transaction: everything a guest owns changes hands and the guest's row goes, or nothing happens at all.
 * Locks are always taken in the order guest, account, ledger row, then the host's rows, so merges cannot wait in a circle.
 */
@Injectable()
export class MergeTransaction {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(LINKING_SETTINGS) private readonly settings: LinkingSettings,
    private readonly statements: PreparedStatements,
    private readonly users: UsersService,
    private readonly locks: PartyLocksService,
    private readonly ledger: LedgerService,
    private readonly ownership: OwnershipService,
    private readonly takeOver: TakeOver,
  ) {}

  /**
   * @param signal destroys the connection when aborted, so that not even a handler that never ends keeps its locks.
   * @throws whatever went wrong, with nothing changed. Only an error of the COMMIT itself leaves that open.
   */
  run(link: LinkPair, signal: AbortSignal): Promise<MergeOutcome> {
    return MergeConnection.transaction(
      this.dataSource,
      this.settings.timeoutMs,
      signal,
      (connection) => this.merge(connection, link, signal),
    );
  }

  /** The same up to the COMMIT, inside a transaction of somebody else. */
  async merge(
    connection: MergeConnection,
    pair: LinkPair,
    signal: AbortSignal,
  ): Promise<MergeOutcome> {
    const { id: linkId, guestId, accountId } = pair;
    const manager = this.statements.within(connection.manager);
    const { isGuest, isAccount } = await this.locks.hold(manager, guestId, accountId);
    // Looked at after the wait for the guest: whoever held it may have brought a table.
    const claim = await this.ledger.claim(manager, linkId, this.ownership.currentSql);
    if (!claim) return { kind: 'settled-elsewhere' };
    if (!isGuest || !isAccount || accountId === null) {
      await this.ledger.withdraw(manager, linkId);
      return { kind: 'void' };
    }
    if (!claim.isCurrent) {
      throw new MergeRefusedError(
        'the foreign keys to users, or to what they own, have changed since this instance started. Restart it, or let a newer instance do the merge.',
      );
    }
    const parties = { linkId, guest: { id: guestId }, account: { id: accountId } };
    const { deleteGuest } = this.settings;
    const tables = await this.takeOver.run(connection, parties, signal);
    if (deleteGuest) await this.noteCascading(manager, guestId, tables);
    return { kind: 'merged', ...(await this.settle(connection.manager, pair, tables)) };
  }

  /**
   * Proves that no row of the guest is left, ends it and writes the receipt. One statement sees all that was done before it,
   * and is the last, so that an error which somebody swallowed cannot hide behind a COMMIT that answers ROLLBACK.
   */
  private async settle(
    manager: EntityManager,
    pair: LinkPair,
    tables: Receipts,
  ): Promise<Omit<Extract<MergeOutcome, { kind: 'merged' }>, 'kind'>> {
    const { deleteGuest } = this.settings;
    const { link, left, ageMs } = await this.ledger.settle(manager, pair, tables, {
      residue: (guest) => this.ownership.residueQuery(guest, deleteGuest),
      farewell: (guest, condition) => this.users.farewell(guest, condition, !deleteGuest),
    });
    if (left.length > 0) throw MergeRefusedError.leaving(left);
    if (!link) throw new MergeRefusedError('the guest row could not be deleted.');
    return { link, guestAgeMs: ageMs };
  }

  /** Rows that the host's own keys remove with the guest are in the receipt like any other that goes. */
  private async noteCascading(
    manager: EntityManager,
    guestId: UserId,
    receipts: Receipts,
  ): Promise<void> {
    const counts = await this.ownership.cascading(manager, guestId);
    for (const [name, dropped] of Object.entries(counts)) {
      if (dropped > 0) receipts[name] = { moved: 0, folded: 0, dropped };
    }
  }
}
