import { Injectable } from '@nestjs/common';
import type { TableReceipt } from '../../auth/account-linker.js';
import type { OwnedTable } from '../ownership/ownership-map.js';
import { HandlerScope } from './handler-scope.js';
import type { MergeConnection } from './merge-connection.js';
import type { MergeEvent, MergeReport } from './merge-handler.js';
import type { RegisteredHandler } from './merge-handler.registry.js';
import { checkedReport } from './merge-report.js';
import { keysOwnedBy } from './row-keys.js';

/** Runs a host's handler for one table and proves that every row of the guest ended somewhere. */
@Injectable()
export class HandlerStep {
  constructor(private readonly scope: HandlerScope) {}

  /** @throws MergeHandlerError when a row is unaccounted for, or the handler has left its transaction. */
  async run(
    { name, handler }: RegisteredHandler,
    table: OwnedTable | undefined,
    event: MergeEvent,
    connection: MergeConnection,
    signal: AbortSignal,
  ): Promise<TableReceipt> {
    const { manager } = connection;
    const { guest, account } = event;
    const guests = table ? await keysOwnedBy(manager, table, guest.id) : [];
    const accounts = table ? await keysOwnedBy(manager, table, account.id, guests, guest.id) : [];
    const report = await this.merge(name, connection, (lent) =>
      handler.merge({ ...event, manager: lent, signal }),
    );
    const after = table ? await keysOwnedBy(manager, table, account.id, guests) : [];
    return checkedReport(name, table?.name, report, {
      owned: new Set(guests),
      arrived: new Set(after.filter((key) => !accounts.includes(key))),
    });
  }

  private async merge(
    name: string,
    connection: MergeConnection,
    work: (manager: MergeConnection['manager']) => Promise<MergeReport | void>,
  ): Promise<MergeReport | void> {
    const lent = connection.lend(name);
    try {
      const report = await this.scope.run(name, async () => work(lent.manager));
      await lent.takeBack();
      return report;
    } catch (error) {
      // The first error says most.
      await lent.takeBack().catch(() => undefined);
      throw error;
    }
  }
}
