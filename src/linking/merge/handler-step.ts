import { Injectable } from '@nestjs/common';
import type { TableReceipt } from '../../auth/account-linker.js';
import type { OwnedTable } from '../ownership/ownership-map.js';
import { HandlerScope } from './handler-scope.js';
import type { MergeConnection } from './merge-connection.js';
import type { MergeEvent, MergeReport } from './merge-handler.js';
import type { RegisteredHandler } from './merge-handler.registry.js';
import { checkedReport } from './merge-report.js';
import { rowsOwnedBy } from './row-keys.js';

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
    const merge = () =>
      this.merge(name, connection, (lent) => handler.merge({ ...event, manager: lent, signal }));
    if (!table) return uncheckedReceipt(await merge());
    const owned = await rowsOwnedBy(manager, table, event, guest.id);
    const accounts = await rowsOwnedBy(manager, table, event, account.id, {
      among: owned,
      notBy: guest.id,
    });
    const report = await merge();
    const after = await rowsOwnedBy(manager, table, event, account.id, { among: owned });
    const before = new Set(accounts.map(({ id }) => id));
    const arrived = after.filter(({ id }) => !before.has(id));
    return checkedReport(name, event, report, { owned, arrived });
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

/** A table that references no user: there is nothing to hold the report against. */
function uncheckedReceipt(report: MergeReport | void): TableReceipt {
  return { moved: 0, folded: report?.folded?.length ?? 0, dropped: report?.dropped?.length ?? 0 };
}
