import type { CatalogTable } from './catalog.js';
import type { TableDeclaration } from './declarations.js';
import type { ForeignKey } from './foreign-keys.js';
import type { Unfit } from './strategy-fit.js';

/** What the map is made of. */
export interface MapSources {
  readonly usersOid: string;
  /** Quoted. */
  readonly usersId: string;
  /** As SQL spells it. */
  readonly usersIdType: string;
  readonly schema: string;
  readonly watched: readonly string[];
  readonly fingerprint: string;
  /** Without those of the library's own tables. */
  readonly foreignKeys: readonly ForeignKey[];
  readonly catalog: ReadonlyMap<string, CatalogTable>;
  /** By table; strategies and soft columns name quoted columns. */
  readonly declarations: ReadonlyMap<string, TableDeclaration>;
  /** What declarations ask of columns whose types do not support it. */
  readonly unfit: Unfit;
  /** Tables that a handler class takes care of. */
  readonly handled: ReadonlySet<string>;
  /** The class of a table's entity, if there is one. */
  readonly entityOf: (oid: string) => string | undefined;
}

/** As receipts and messages name a table: with the schema unless it is the users' own. */
export function nameOf(oid: string, { catalog, schema }: MapSources): string {
  const table = catalog.get(oid)!;
  return table.schema === schema ? table.table : `${table.schema}.${table.table}`;
}

/** How the host would name a table in a declaration. */
export function targetOf(oid: string, sources: MapSources): string {
  return sources.entityOf(oid) ?? `'${nameOf(oid, sources)}'`;
}
