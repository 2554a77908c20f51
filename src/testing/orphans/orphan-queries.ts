import { unquoted } from '../../linking/ownership/inspected-tables.js';
import type { OwnershipMap } from '../../linking/ownership/ownership-map.js';

/** A statement that finds rows which should not be there. Rows: `key`, `value` and the number of `all`. */
export interface OrphanQuery {
  readonly table: string;
  readonly columns: readonly string[];
  /** What is wrong with them. */
  readonly problem: string;
  readonly sql: string;
}

/** Tables of the library, quoted where they are SQL. */
export interface OwnNames {
  readonly users: string;
  readonly id: string;
  readonly isAnonymous: string;
  readonly sessions: string;
  readonly sessionUser: string;
  readonly sessionId: string;
  readonly links: string;
  readonly linkGuest: string;
  readonly linkStatus: string;
}

interface Searched {
  readonly path: string;
  readonly name: string;
  readonly identity: readonly string[];
}

/** @param identityOf what tells the rows of a table apart. */
export function orphanQueries(
  map: OwnershipMap,
  names: OwnNames,
  most: number,
  identityOf: (path: string) => readonly string[],
): OrphanQuery[] {
  const owners = map.tables.map((table) => ({ table, columns: table.owners }));
  const ignored = map.ignored.map((table) => ({
    table,
    columns: [...table.blocking, ...table.cascading],
  }));
  return [
    ...[...owners, ...ignored].flatMap(({ table, columns }) => {
      const searched = { ...table, identity: identityOf(table.path) };
      return columns.flatMap((column) => namesNobody(searched, column, names, most));
    }),
    ...map.references.map(({ from, columns, toOid, toColumns }) => {
      const target = map.tables.find(({ oid }) => oid === toOid)?.path ?? pathOf(map, toOid);
      const same = columns.map((column, n) => `target.${toColumns[n]} = t.${column}`);
      const present = columns.map((column) => `t.${column} IS NOT NULL`);
      return query(
        { path: from.path, name: nameOf(map, from), identity: identityOf(from.path) },
        columns,
        `refer to rows of ${nameOfPath(target)} that do not exist`,
        `${present.join(' AND ')} AND NOT EXISTS (SELECT 1 FROM ${target} target WHERE ${same.join(' AND ')})`,
        most,
      );
    }),
    query(
      { path: names.sessions, name: nameOfPath(names.sessions), identity: [names.sessionId] },
      [names.sessionUser],
      'are sessions of users that are no accounts',
      `NOT EXISTS (SELECT 1 FROM ${names.users} u WHERE u.${names.id} = t.${names.sessionUser} AND NOT u.${names.isAnonymous})`,
      most,
    ),
  ];
}

/** A soft reference may hold anything that looks like an id, so ids are compared as text. */
function namesNobody(
  table: Searched,
  column: string,
  { users, id, links, linkGuest, linkStatus }: OwnNames,
  most: number,
): OrphanQuery[] {
  const value = `t.${column}::text`;
  const exists = `EXISTS (SELECT 1 FROM ${users} u WHERE u.${id}::text = ${value})`;
  const merged = `EXISTS (SELECT 1 FROM ${links} l WHERE l.${linkGuest}::text = ${value} AND l.${linkStatus} = 'merged')`;
  return [
    query(
      table,
      [column],
      'name guests that have been merged',
      `${value} IS NOT NULL AND ${merged}`,
      most,
    ),
    query(
      table,
      [column],
      'name users that do not exist',
      `${value} IS NOT NULL AND NOT ${exists} AND NOT ${merged}`,
      most,
    ),
  ];
}

function query(
  { path, name, identity }: Searched,
  columns: readonly string[],
  problem: string,
  condition: string,
  most: number,
): OrphanQuery {
  const key = identity.map((column) => `t.${column}::text`).join(', ');
  const value = columns.map((column) => `t.${column}::text`).join(', ');
  const sql = `SELECT array_to_json(ARRAY[${key}])::text AS "key", array_to_json(ARRAY[${value}])::text AS "value",
    count(*) OVER ()::int AS "all" FROM ${path} t WHERE ${condition} ORDER BY 1 LIMIT ${most}`;
  return { table: name, columns: columns.map(unquoted), problem, sql };
}

function nameOf(map: OwnershipMap, { oid, path }: { oid: string; path: string }): string {
  return map.tables.find((table) => table.oid === oid)?.name ?? nameOfPath(path);
}

function pathOf(map: OwnershipMap, oid: string): string {
  return map.references.find(({ from }) => from.oid === oid)!.from.path;
}

function nameOfPath(path: string): string {
  return unquoted(path.split('.').at(-1)!);
}
