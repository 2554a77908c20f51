import type {
  OwnedReference,
  OwnershipMap,
  ReferencingTable,
} from '../../linking/ownership/ownership-map.js';
import { ownedBy } from '../../linking/ownership/ownership.service.js';

/**
 * Which rows go with a user: those that name it as owner, and those without an owner column that are part of such a row,
 * such as the items of a basket. Of the users only that one goes, whomever they name and whatever they refer to.
 * The id of the user is $1 in every condition.
 */
export class DoomedRows {
  /** Without that of the users. */
  readonly tables: ReadonlyMap<string, ReferencingTable>;

  constructor(private readonly map: OwnershipMap) {
    const parts = map.references
      .map(({ from }) => from)
      .filter(({ owners }) => owners.length === 0);
    const tables = [...map.tables, ...parts].filter(({ oid }) => oid !== map.users.oid);
    this.tables = new Map(tables.map((table) => [table.oid, table]));
  }

  /** SQL condition: the row goes. */
  in(table: ReferencingTable, path: readonly string[] = []): string {
    if (table.oid === this.map.users.oid) return ownedBy(this.map.users, '$1');
    if (table.owners.length > 0) return ownedBy(table, '$1');
    const conditions = this.wholesOf(table)
      .filter(({ toOid }) => !path.includes(toOid))
      .map((reference) => this.refersTo(reference, true, [...path, table.oid]));
    return conditions.length > 0 ? `(${conditions.join(' OR ')})` : 'false';
  }

  /** SQL condition: the row refers to one that goes, or to one that stays. */
  refersTo(
    { columns, toOid, toColumns }: OwnedReference,
    doomed: boolean,
    path: readonly string[] = [],
  ): string {
    const target = this.tables.get(toOid)!;
    return `(${columns.join(', ')}) IN (SELECT ${toColumns.join(', ')} FROM ${target.path}
      WHERE ${this.in(target, path)} IS ${doomed ? '' : 'NOT '}TRUE)`;
  }

  /**
   * The references that make a row without an owner part of another: those that it cannot be without, and of these the ones
   * that it is declared to go with. A reference that may be null only mentions a row.
   */
  wholesOf({ oid }: ReferencingTable): readonly OwnedReference[] {
    const own = this.map.references.filter(({ from, toOid }) => from.oid === oid && toOid !== oid);
    const required = own.filter(({ isRequired }) => isRequired);
    const composing = required.filter(({ isCascading }) => isCascading);
    return [composing, required, own].find(({ length }) => length > 0) ?? [];
  }
}
