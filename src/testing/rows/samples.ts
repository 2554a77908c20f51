import type { DataSource, EntityManager } from 'typeorm';
import { metadataOf, quote } from '../../common/sql.js';
import type { TableTarget } from '../../linking/ownership/declarations.js';
import { oidsOf } from '../../linking/ownership/foreign-keys.js';
import type { UserId } from '../../users/user.js';
import { TestKitError } from '../kit-error.js';

/** What a row is made for. */
export interface SampleContext {
  /** Counts the rows of this table, from 0: what two rows must not share can be made of it. */
  readonly n: number;
  /** Whose row it is; `null` when it belongs to nobody. */
  readonly userId: UserId | null;
  /** The transaction in which everything happens. Rows that this one refers to are made with it. */
  readonly manager: EntityManager;
}

/** Values by an entity's property or the column's own name. Columns that are left out are filled by the kit. */
export type SampleValues = Readonly<Record<string, unknown>>;

/** What a host knows about rows of one table that the catalog does not say. */
export interface Sample {
  readonly target: TableTarget;
  readonly values: (context: SampleContext) => SampleValues | Promise<SampleValues>;
}

/**
 * Values for the rows that the kit makes of a table, for columns that it cannot fill by itself. Owner columns, and what makes
 * two rows collide, are the kit's.
 */
export function sample(target: TableTarget, values: Sample['values']): Sample {
  return { target, values };
}

/** Answers the host's values for a row, by quoted column. */
export type SampleSource = (oid: string, context: SampleContext) => Promise<SampleValues>;

/** @throws TestKitError for a table that does not exist. */
export async function sampleSource(
  dataSource: DataSource,
  samples: readonly Sample[],
): Promise<SampleSource> {
  const byTable = new Map<string, Sample>();
  for (const given of samples) byTable.set(await oidOf(dataSource, given.target), given);
  return async (oid, context) => {
    const given = byTable.get(oid);
    if (!given) return {};
    const metadata = metadataOf(dataSource, given.target);
    const columnOf = (name: string) =>
      quote(metadata?.findColumnWithPropertyPath(name)?.databaseName ?? name);
    const values = Object.entries(await given.values(context));
    return Object.fromEntries(values.map(([name, value]) => [columnOf(name), value]));
  };
}

/** The table of an entity, or of a name as `owned` takes it. @throws TestKitError when there is none. */
export async function oidOf(dataSource: DataSource, target: TableTarget): Promise<string> {
  const name = nameOf(target);
  const path = metadataOf(dataSource, target)?.tablePath ?? name;
  const [oid] = await oidsOf(dataSource, [path.split('.').map(quote).join('.')]);
  if (typeof oid === 'string') return oid;
  throw new TestKitError(
    `${name} is no table of this database. Name an entity of the DataSource, or a table as 'schema.table'.`,
  );
}

/** As a host would write it. */
export function nameOf(target: TableTarget): string {
  if (typeof target === 'string') return target;
  return typeof target === 'function' ? target.name : JSON.stringify(target);
}
