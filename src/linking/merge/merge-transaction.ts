import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { TableReceipt } from '../../auth/account-linker.js';
import type { UserId } from '../../users/user.js';
import { UsersService } from '../../users/users.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import type { AccountLink, LinkPair } from '../ledger/account-link.js';
import { LedgerService } from '../ledger/ledger.service.js';
import { LINKING_SETTINGS, type LinkingSettings } from '../linking.options.js';
import { OwnershipService } from '../ownership/ownership.service.js';
import { MergeEngine } from '../engine/merge-engine.js';
import { HandlerStep } from './handler-step.js';
import { MergeConnection } from './merge-connection.js';
import { MergeRefusedError } from './merge.errors.js';
import type { MergeParty } from './merge-handler.js';
import { type HandledTable, MergePlan } from './merge-plan.js';

/** How a try ended: with a receipt, without anything to do, or with a guest or an account that is none any more. */
export type MergeOutcome =
  | { readonly kind: 'merged'; readonly link: AccountLink }
  | { readonly kind: 'settled-elsewhere' }
  | { readonly kind: 'void' };

interface Parties {
  readonly linkId: string;
  readonly guest: MergeParty;
  readonly account: MergeParty;
}

/**
 * THE transaction: everything a guest owns changes hands and the guest's row goes, or nothing happens at all.
 * Locks are always taken in the order guest, account, ledger row, then the host's rows, so merges cannot wait in a circle.
 */
@Injectable()
export class MergeTransaction {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(LINKING_SETTINGS) private readonly settings: LinkingSettings,
    private readonly users: UsersService,
    private readonly ledger: LedgerService,
    private readonly ownership: OwnershipService,
    private readonly plan: MergePlan,
    private readonly handlers: HandlerStep,
    private readonly engine: MergeEngine,
  ) {}

  /**
   * @param signal destroys the connection when aborted, so that not even a handler that never ends keeps its locks.
   * @throws whatever went wrong, with nothing changed. Only an error of the COMMIT itself leaves that open.
   */
  async run(link: LinkPair, signal: AbortSignal): Promise<MergeOutcome> {
    const connection = await MergeConnection.open(this.dataSource, signal);
    const destroy = () => void connection.destroy();
    signal.addEventListener('abort', destroy, { once: true });
    try {
      signal.throwIfAborted();
      await connection.begin(this.settings.timeoutMs);
      const outcome = await this.merge(connection, link, signal);
      await connection.commit();
      return outcome;
    } catch (error) {
      if (!signal.aborted) await connection.rollback();
      throw error;
    } finally {
      signal.removeEventListener('abort', destroy);
      await connection.close();
    }
  }

  private async merge(
    connection: MergeConnection,
    { id: linkId, guestId, accountId }: LinkPair,
    signal: AbortSignal,
  ): Promise<MergeOutcome> {
    const { manager } = connection;
    // FOR UPDATE waits for every write that refers to the guest, and the condition is read again after the wait.
    const isGuest = await this.users.lockGuest(manager, guestId);
    const isAccount = accountId !== null && (await this.users.lockAccount(manager, accountId));
    if (!(await this.ledger.claim(manager, linkId))) return { kind: 'settled-elsewhere' };
    if (!isGuest || !isAccount) {
      await this.ledger.withdraw(manager, linkId);
      return { kind: 'void' };
    }
    if (!(await this.ownership.isCurrent(manager))) {
      throw new MergeRefusedError(
        'the foreign keys to users have changed since this instance started. Restart it, or let a newer instance do the merge.',
      );
    }
    const parties = { linkId, guest: { id: guestId }, account: { id: accountId } };
    const tables = await this.takeAll(connection, parties, signal);
    await this.refuseResidue(manager, guestId);
    await this.noteCascading(manager, guestId, tables);
    const link = await this.ledger.settle(manager, linkId, tables);
    // Last, so that an error which somebody swallowed cannot hide behind a COMMIT that answers ROLLBACK.
    if (!(await this.users.deleteGuest(manager, guestId))) {
      throw new MergeRefusedError('the guest row could not be deleted.');
    }
    return { kind: 'merged', link };
  }

  private async takeAll(
    connection: MergeConnection,
    parties: Parties,
    signal: AbortSignal,
  ): Promise<Record<string, TableReceipt>> {
    const { manager } = connection;
    const { before, declared, after } = this.plan.merge;
    const receipts: Record<string, TableReceipt> = {};
    const note = (name: string, receipt: TableReceipt) => {
      if (receipt.moved + receipt.folded + receipt.dropped > 0) receipts[name] = receipt;
    };
    const run = async (handled: readonly HandledTable[]) => {
      for (const { name, handler, table } of handled) {
        signal.throwIfAborted();
        const event = { ...parties, table: name };
        const receipt = await connection.step(() =>
          this.handlers.run(handler, table, event, connection, signal),
        );
        note(name, receipt);
      }
    };
    await run(before);
    const ids = { guestId: parties.guest.id, accountId: parties.account.id };
    const moved = await connection.step(() => this.engine.merge(manager, declared, ids));
    for (const { oid, name } of declared) {
      const receipt = moved.get(oid);
      if (receipt && !this.plan.isHandled(oid)) note(name, receipt);
    }
    await run(after);
    return receipts;
  }

  /** Rows that the host's own keys remove with the guest are in the receipt like any other that goes. */
  private async noteCascading(
    manager: EntityManager,
    guestId: UserId,
    receipts: Record<string, TableReceipt>,
  ): Promise<void> {
    const counts = await this.ownership.cascading(manager, guestId);
    for (const [name, dropped] of Object.entries(counts)) {
      if (dropped > 0) receipts[name] = { moved: 0, folded: 0, dropped };
    }
  }

  private async refuseResidue(manager: EntityManager, guestId: UserId): Promise<void> {
    const residue = await this.ownership.residue(manager, guestId);
    if (residue.length > 0) {
      throw new MergeRefusedError(`rows of the guest are left in ${residue.join(', ')}.`);
    }
  }
}
