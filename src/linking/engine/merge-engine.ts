import { Injectable } from '@nestjs/common';
import type { TableReceipt } from '../../auth/account-linker.js';
import type { SqlExecutor } from '../../common/sql.js';
import type { OwnedTable } from '../ownership/ownership-map.js';
import { losersIn } from './detection.js';
import type { Loser } from './losers.js';
import type { MergeState } from './replacement.js';
import { rewrite } from './rewrite.js';

/** Rounds after which a circle of tables must have come to rest. Each round goes one level deeper into a tree of rows. */
const MOST_ROUNDS = 1_000;

/** Moves the rows of declared tables: first finds who gives way, then rewrites everything in one statement. */
@Injectable()
export class MergeEngine {
  /** What gives way, by table. @param locks `false` only looks. */
  async losers(
    executor: SqlExecutor,
    tables: readonly OwnedTable[],
    parties: { readonly guestId: string; readonly accountId: string },
    locks: boolean,
  ): Promise<ReadonlyMap<string, readonly Loser[]>> {
    const losers = new Map<string, readonly Loser[]>();
    const state: MergeState = { ...parties, losers };
    const { ordered, hasCircle } = parentsFirst(tables.filter((t) => t.collidingKeys.length > 0));
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      let hasChanged = false;
      for (const table of ordered) {
        const found = await losersIn(executor, table, state, locks);
        hasChanged ||= found.length > 0;
        losers.set(table.oid, joined(losers.get(table.oid) ?? [], found));
      }
      if (!hasCircle || !hasChanged) return losers;
    }
    throw new Error('the collisions of tables that refer to each other do not come to rest.');
  }

  /** Moves everything. Answers what happened, by table. */
  async merge(
    executor: SqlExecutor,
    tables: readonly OwnedTable[],
    parties: { readonly guestId: string; readonly accountId: string },
  ): Promise<Map<string, TableReceipt>> {
    const losers = await this.losers(executor, tables, parties, true);
    for (const { oid, name, strategy } of tables) {
      const count = losers.get(oid)?.length ?? 0;
      if (count > 0 && strategy.kind === 'refuse') {
        throw new Error(`${count} rows of ${name} collide, and the table refuses that.`);
      }
    }
    return rewrite(executor, tables, { ...parties, losers });
  }
}

/** A row that has lost stays lost. When its winner loses in a later round, it follows that one's winner. */
function joined(earlier: readonly Loser[], found: readonly Loser[]): readonly Loser[] {
  const next = new Map(found.map(({ loser, winner }) => [loser.id, winner]));
  const followed = earlier.map(({ loser, winner }) => ({
    loser,
    winner: next.get(winner.id) ?? winner,
  }));
  return [...followed, ...found];
}

/** Tables in an order in which a parent comes before what refers to it, as far as circles allow. */
function parentsFirst(tables: readonly OwnedTable[]): {
  readonly ordered: readonly OwnedTable[];
  readonly hasCircle: boolean;
} {
  const ordered: OwnedTable[] = [];
  let hasCircle = false;
  const visit = (table: OwnedTable, path: readonly OwnedTable[]): void => {
    if (path.includes(table)) {
      hasCircle = true;
      return;
    }
    if (ordered.includes(table)) return;
    for (const { parentOid } of table.parents) {
      const parent = tables.find(({ oid }) => oid === parentOid);
      if (parent) visit(parent, [...path, table]);
    }
    ordered.push(table);
  };
  for (const table of tables) visit(table, []);
  return { ordered, hasCircle };
}
