import type { INestApplicationContext } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { TableReceipt } from '../../auth/account-linker.js';
import { metadataOf, quote } from '../../common/sql.js';
import { OpeningsService } from '../../linking/ledger/openings.service.js';
import { LINKING_SETTINGS, type LinkingSettings } from '../../linking/linking.options.js';
import { MergePlan } from '../../linking/merge/merge-plan.js';
import { MergePreviewer } from '../../linking/merge/merge-preview.js';
import { MergeTransaction } from '../../linking/merge/merge-transaction.js';
import { TakeOver } from '../../linking/merge/take-over.js';
import type { TableTarget } from '../../linking/ownership/declarations.js';
import { oidsOf } from '../../linking/ownership/foreign-keys.js';
import type { OwnedTable } from '../../linking/ownership/ownership-map.js';
import { OwnershipService } from '../../linking/ownership/ownership.service.js';
import { UsersService } from '../../users/users.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { TestKitError } from '../kit-error.js';
import { mapOf } from '../ownership-of.js';
import { providerOf } from '../provider-of.js';
import { FillableTables } from '../rows/fillable-table.js';
import { nameOf, oidOf, type Sample, sampleSource } from '../rows/samples.js';
import type { MergeParts } from './merge-parts.js';
import { MergeTester } from './merge-tester.js';

/** What {@link checkMerges} needs to know. */
export interface CheckMergesOptions {
  /** Values for tables that the kit cannot fill by itself. Default: none. */
  readonly samples?: readonly Sample[];
  /** Tables whose rows a merge handler of another table folds or drops, for which it cannot report. Default: none. */
  readonly absorbs?: readonly TableTarget[];
}

/** What {@link checkMerge} needs to know. */
export interface CheckMergeOptions extends CheckMergesOptions {
  /**
   * Columns, by property or by their own name, whose sum over guest and account is the same before and after. Default: none.
   */
  readonly sums?: readonly string[];
}

/**
 * Merges a guest into an account, both made for that, with rows of one table that collide on every unique key that can, and
 * once more with an account that has no rows. Throws unless every row of the guest is with the account or in the receipt, the
 * account's other rows and those of strangers are as they were, nothing names the guest, and a second link changes nothing.
 * All of it happens in one transaction that is undone, so nothing stays and nobody else sees it.
 * @param target an entity, or the name of a table as `owned` takes it.
 * @returns what the merge with collisions did with the table.
 * @throws TestKitError naming what is wrong, or what the kit needs to make rows.
 */
export async function checkMerge(
  app: INestApplicationContext,
  target: TableTarget,
  options: CheckMergeOptions = {},
): Promise<TableReceipt> {
  const parts = await partsOf(app);
  const oid = await oidOf(parts.dataSource, target);
  const table = parts.map.tables.find((other) => other.oid === oid);
  if (!table) {
    throw new TestKitError(
      `no merge moves rows of ${nameOf(target)}: it is ignored, or nothing in it belongs to a user.`,
    );
  }
  return check(parts, table, options, columnsOf(parts.dataSource, target, table, options.sums));
}

/**
 * {@link checkMerge} for every table whose rows a merge may touch.
 * @returns what the merge with collisions did with each table, by name.
 * @throws TestKitError naming what is wrong in the first table that fails.
 */
export async function checkMerges(
  app: INestApplicationContext,
  options: CheckMergesOptions = {},
): Promise<Record<string, TableReceipt>> {
  const parts = await partsOf(app);
  const receipts: Record<string, TableReceipt> = {};
  for (const table of parts.map.tables)
    receipts[table.name] = await check(parts, table, options, []);
  return receipts;
}

async function check(
  parts: MergeParts,
  table: OwnedTable,
  { samples = [], absorbs = [] }: CheckMergesOptions,
  sums: readonly string[],
): Promise<TableReceipt> {
  const { dataSource } = parts;
  const absorbed = new Set<string>();
  for (const target of absorbs) absorbed.add(await oidOf(dataSource, target));
  const source = await sampleSource(dataSource, samples);
  return new MergeTester(parts, table, { samples: source, absorbed, sums }).run();
}

function columnsOf(
  dataSource: DataSource,
  target: TableTarget,
  { columns, name: table }: OwnedTable,
  names: readonly string[] = [],
): string[] {
  const metadata = metadataOf(dataSource, target);
  return names.map((name) => {
    const column = quote(metadata?.findColumnWithPropertyPath(name)?.databaseName ?? name);
    if (columns.some((other) => other.name === column)) return column;
    throw new TestKitError(`\`sums\` names ${name}, which is no column of ${table}.`);
  });
}

async function partsOf(app: INestApplicationContext): Promise<MergeParts> {
  const dataSource = providerOf<DataSource>(app, USERS_DATA_SOURCE);
  const users = providerOf(app, UsersService);
  const ownership = providerOf(app, OwnershipService);
  const [usersOid] = await oidsOf(dataSource, [users.table.path]);
  return {
    dataSource,
    users,
    ownership,
    map: mapOf(ownership),
    tables: new FillableTables(dataSource),
    openings: providerOf(app, OpeningsService),
    plan: providerOf(app, MergePlan),
    merges: providerOf(app, MergeTransaction),
    previews: providerOf(app, MergePreviewer),
    takeOver: providerOf(app, TakeOver),
    timeoutMs: providerOf<LinkingSettings>(app, LINKING_SETTINGS).timeoutMs,
    usersOid: usersOid!,
  };
}
