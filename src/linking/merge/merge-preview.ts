import { Inject, Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { DataSource, type EntityManager } from 'typeorm';
import { rowsOf } from '../../common/sql.js';
import type { UserId } from '../../users/user.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { MergeEngine } from '../engine/merge-engine.js';
import { ownedBy } from '../ownership/ownership.service.js';
import type { OwnedTable } from '../ownership/ownership-map.js';
import { MergePlan } from './merge-plan.js';

/** What a merge would do with one table. */
export interface TablePreview {
  /** Rows of the guest. */
  readonly rows: number;
  /** Rows, of either side, that would give way. Those that a handler class folds or drops are not known before. */
  readonly collisions: number;
  /** What decides about collisions: a strategy, or `handler`. */
  readonly decidedBy: string;
}

/** What a merge would do, if it were done at this moment. */
export interface MergePreview {
  /** Tables in which the guest has rows or rows would give way, by name. */
  readonly tables: Readonly<Record<string, TablePreview>>;
  /** Changes whenever the preview does. */
  readonly hash: string;
}

/** Looks at what a merge would do. Changes nothing and locks nothing. */
@Injectable()
export class MergePreviewer {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly plan: MergePlan,
    private readonly engine: MergeEngine,
  ) {}

  /** All counts are of one moment: one snapshot serves every statement. */
  preview(guestId: UserId, accountId: UserId): Promise<MergePreview> {
    return this.dataSource.transaction('REPEATABLE READ', async (manager) => {
      await manager.query('SET TRANSACTION READ ONLY');
      return this.within(manager, guestId, accountId);
    });
  }

  /** The same inside somebody's transaction, as far as its isolation makes that one moment. */
  async within(manager: EntityManager, guestId: UserId, accountId: UserId): Promise<MergePreview> {
    const { declared, before, after } = this.plan.merge;
    const handled = [...before, ...after].flatMap(({ table }) => table ?? []);
    const known = [...declared.filter(({ oid }) => !this.plan.isHandled(oid)), ...handled];
    const losers = await this.engine.losers(manager, declared, { guestId, accountId }, false);
    const counts = await countRows(manager, known, guestId);
    const entries = known
      .map((table, n): [string, TablePreview] => [
        table.name,
        {
          rows: counts[n]!,
          collisions: losers.get(table.oid)?.length ?? 0,
          decidedBy: this.plan.isHandled(table.oid) ? 'handler' : table.strategy.kind,
        },
      ])
      .filter(([, { rows, collisions }]) => rows + collisions > 0)
      .sort(([a], [b]) => a.localeCompare(b));
    const tables = Object.fromEntries(entries);
    const hash = createHash('sha256').update(JSON.stringify(entries)).digest('base64url');
    return { tables, hash };
  }
}

async function countRows(
  manager: EntityManager,
  tables: readonly OwnedTable[],
  guestId: UserId,
): Promise<number[]> {
  const parts = tables.map((table) =>
    table.owners.length === 0
      ? '0'
      : `(SELECT count(*) FROM ${table.path} WHERE ${ownedBy(table, '$1')})`,
  );
  if (parts.every((part) => part === '0')) return parts.map(() => 0);
  const [row] = await rowsOf<{ counts: number[] }>(
    manager,
    `SELECT ARRAY[${parts.join(', ')}]::int[] AS "counts"`,
    [guestId],
  );
  return row!.counts;
}
