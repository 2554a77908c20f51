import { Injectable } from '@nestjs/common';
import type { TableReceipt } from '../../auth/account-linker.js';
import { MergeEngine } from '../engine/merge-engine.js';
import { OwnershipService } from '../ownership/ownership.service.js';
import { HandlerStep } from './handler-step.js';
import type { MergeConnection } from './merge-connection.js';
import type { MergeParty } from './merge-handler.js';
import { MergeRefusedError } from './merge.errors.js';
import { type HandledTable, MergePlan } from './merge-plan.js';

/** Who a merge is about. */
export interface Parties {
  readonly linkId: string;
  readonly guest: MergeParty;
  readonly account: MergeParty;
}

/** What happened in each table, by name; tables without a row of the guest are left out. */
export type Receipts = Record<string, TableReceipt>;

/** Brings every row of one user to another, inside a transaction of somebody else. */
@Injectable()
export class TakeOver {
  constructor(
    private readonly plan: MergePlan,
    private readonly handlers: HandlerStep,
    private readonly engine: MergeEngine,
    private readonly ownership: OwnershipService,
  ) {}

  /**
   * Moves what a guest owns that has been merged before, and proves that no row is left.
   * @throws MergeRefusedError when rows are left; whatever a handler or Postgres throws.
   */
  async again(
    connection: MergeConnection,
    parties: Parties,
    signal: AbortSignal,
  ): Promise<Receipts> {
    const receipts = await this.run(connection, parties, signal);
    const left = await this.ownership.residue(connection.manager, parties.guest.id, false);
    if (left.length > 0) throw MergeRefusedError.leaving(left);
    return receipts;
  }

  /** Moves everything; the proof that no row is left is still to come. @throws whatever a handler or Postgres throws. */
  async run(connection: MergeConnection, parties: Parties, signal: AbortSignal): Promise<Receipts> {
    const { manager } = connection;
    const { before, declared, after } = this.plan.merge;
    const receipts: Receipts = {};
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
    // No step: there is nobody in it who could swallow an error.
    const moved = await this.engine.merge(manager, declared, ids);
    for (const { oid, name } of declared) {
      const receipt = moved.get(oid);
      if (receipt && !this.plan.isHandled(oid)) note(name, receipt);
    }
    await run(after);
    return receipts;
  }
}
