import { Injectable } from '@nestjs/common';
import { setImmediate as immediate } from 'node:timers/promises';
import type { TableReceipt } from '../../auth/account-linker.js';
import { rowsOf, type SqlExecutor } from '../../common/sql.js';
import { ownedBy } from '../ownership/ownership.service.js';
import type { OwnedTable } from '../ownership/ownership-map.js';
import { HandlerScope } from './handler-scope.js';
import type { MergeContext, MergeReport, RowKey } from './merge-handler.js';
import type { RegisteredHandler } from './merge-handler.registry.js';
import { MergeHandlerError } from './merge.errors.js';
import type { MergeConnection } from './merge-connection.js';

/** Runs a host's handler for one table and proves that every row of the guest ended somewhere. */
@Injectable()
export class HandlerStep {
  constructor(private readonly scope: HandlerScope) {}

  async run(
    { name, handler }: RegisteredHandler,
    table: OwnedTable | undefined,
    context: MergeContext,
    connection: MergeConnection,
  ): Promise<TableReceipt> {
    const { manager, guest, account } = context;
    const before = table ? await keysOf(manager, table, guest.id) : [];
    const report = await this.scope.run(name, async () => handler.merge(context));
    await refuseUnfinished(name, connection);
    const folded = reported(report, 'folded');
    const dropped = reported(report, 'dropped');
    if (!table) return { moved: 0, folded: folded.size, dropped: dropped.size };
    const after = new Set(await keysOf(manager, table, account.id));
    const moved = before.filter((key) => after.has(key) && !folded.has(key) && !dropped.has(key));
    const lost = before.filter((key) => !after.has(key) && !folded.has(key) && !dropped.has(key));
    if (lost.length > 0) {
      throw new MergeHandlerError(
        name,
        `left ${lost.length} of the guest's ${before.length} rows of ${table.name} neither with the account nor in its report. Return { folded: [keys], dropped: [keys] } for rows that do not move.`,
      );
    }
    const invented = [...folded, ...dropped].filter((key) => !before.includes(key));
    if (invented.length > 0) {
      throw new MergeHandlerError(
        name,
        `reports ${invented.length} rows of ${table.name} that the guest did not own.`,
      );
    }
    return { moved: moved.length, folded: folded.size, dropped: dropped.size };
  }
}

/** A query that runs on after the handler has returned would land after the proof, or outside the transaction. */
async function refuseUnfinished(handler: string, connection: MergeConnection): Promise<void> {
  if (connection.unfinished.length === 0) return;
  // Whatever it started goes on until it ends by itself: a query that finds the connection gone would reject unheard.
  while (connection.unfinished.length > 0) {
    await Promise.all(connection.unfinished);
    await immediate();
  }
  throw new MergeHandlerError(
    handler,
    'returned before its queries had ended. An `await` is missing in merge().',
  );
}

async function keysOf(manager: SqlExecutor, table: OwnedTable, userId: string): Promise<string[]> {
  const columns = table.key.map((column) => `${column}::text`).join(', ');
  const rows = await rowsOf<{ key: string[] }>(
    manager,
    `SELECT ARRAY[${columns}]::text[] AS "key" FROM ${table.path} WHERE ${ownedBy(table, '$1')}`,
    [userId],
  );
  return rows.map(({ key }) => JSON.stringify(key));
}

function reported(report: MergeReport | void, kind: keyof MergeReport): ReadonlySet<string> {
  const keys: readonly RowKey[] = report?.[kind] ?? [];
  return new Set(keys.map((key) => JSON.stringify([key].flat().map(String))));
}
