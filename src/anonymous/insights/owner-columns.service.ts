import { Injectable } from '@nestjs/common';
import { rowsOf, type SqlExecutor } from '../../common/sql.js';
import { OwnershipService, ownedBy } from '../../linking/ownership/ownership.service.js';

/** Columns of the host that name an owner, by how rows of somebody are found there. */
export interface OwnerColumns {
  /** SQL conditions over a user's id: it owns a row. Each is one look into an index. */
  readonly quick: readonly ((user: string) => string)[];
  /** The same for columns without an index, whose tables are better read once for many users. */
  readonly slow: readonly ((user: string) => string)[];
}

/** Tells columns with an index from others, because the planner, which knows no cache, would rather read whole tables. */
@Injectable()
export class OwnerColumnsService {
  constructor(private readonly ownership: OwnershipService) {}

  async find(executor: SqlExecutor): Promise<OwnerColumns> {
    const columns = this.ownership.map.tables.flatMap((table) =>
      table.owners.map((owner) => ({ table, owner })),
    );
    const rows = await rowsOf<{ isIndexed: boolean }>(
      executor,
      `SELECT EXISTS (SELECT 1 FROM pg_index i
           JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
         WHERE i.indrelid = to_regclass(c.path) AND quote_ident(a.attname) = quote_ident(c.name)
           AND i.indisvalid AND i.indpred IS NULL) AS "isIndexed"
       FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS c (path, name, n) ORDER BY c.n`,
      [columns.map(({ table }) => table.path), columns.map(({ owner }) => unquoted(owner))],
    );
    const owning = (isIndexed: boolean) =>
      columns
        .filter((_, n) => rows[n]!.isIndexed === isIndexed)
        .map(({ table, owner }) => (user: string) => {
          const owned = ownedBy({ owners: [owner], columns: table.columns }, user, 'o.');
          // With an offset it stays one look for each user; without, Postgres may make a join of it.
          return `EXISTS (SELECT 1 FROM ${table.path} o WHERE ${owned}${isIndexed ? ' OFFSET 0' : ''})`;
        });
    return { quick: owning(true), slow: owning(false) };
  }
}

function unquoted(identifier: string): string {
  return identifier.slice(1, -1).replaceAll('""', '"');
}
