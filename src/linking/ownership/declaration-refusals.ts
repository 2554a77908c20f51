import type { CatalogTable } from './catalog.js';
import type { TableDeclaration } from './declarations.js';
import { type ForeignKey, referencesTo } from './foreign-keys.js';
import { type MapSources, nameOf, targetOf } from './map-sources.js';
import type { Refusal } from './refusals.js';

interface Declared {
  readonly oid: string;
  readonly declaration: TableDeclaration;
  readonly catalog: CatalogTable;
  readonly name: string;
  /** How the host would name the table in a declaration. */
  readonly target: string;
}

/** What is wrong with declarations by themselves, and which keys to the users no declaration covers. */
export function declarationRefusals(sources: MapSources): Refusal[] {
  const declared = [...sources.declarations].map(([oid, declaration]) =>
    declaredOf(oid, declaration, sources),
  );
  const ignoredTables = declared.filter(({ declaration }) => isIgnored(declaration));
  const ownedTables = declared.filter(({ declaration }) => !isIgnored(declaration));
  return [
    ...declared.flatMap(noTable),
    ...ownedTables.flatMap((table) => unreached(table, sources)),
    ...ownedTables.flatMap((table) => softTypes(table, sources)),
    ...ignoredTables.flatMap((table) => ignoredAndHandled(table, sources)),
    ...ignoredTables.flatMap((table) => draggedAlong(table, sources)),
    ...keysWithoutId(sources),
  ];
}

function noTable({ catalog, name }: Declared): Refusal[] {
  if (catalog.isTable) return [];
  return wrong(name, 'forFeature declares it, but it is no table of this database.', {
    fix: 'Declare the tables behind it.',
  });
}

function unreached({ oid, declaration, name, target }: Declared, sources: MapSources): Refusal[] {
  const soft = [...sources.declarations].filter(([, other]) => other.softColumn !== undefined);
  const roots = [sources.usersOid, ...soft.map(([root]) => root)];
  const reached = referencesTo(roots, sources.foreignKeys).map(({ tableOid }) => tableOid);
  if (declaration.softColumn !== undefined || reached.includes(oid)) return [];
  return wrong(name, 'it is declared as owned, but no foreign key leads from it to a user.', {
    fix: `Name the column that holds the owner, \`owned(${target}, { column: 'user_id' })\`, or remove the declaration.`,
  });
}

/** A merge compares and writes ids in the column's own type. */
function softTypes({ declaration, catalog, name, target }: Declared, sources: MapSources) {
  const soft = catalog.columns.find((column) => column.name === declaration.softColumn);
  const [, length] = /^character varying\((\d+)\)$/.exec(soft?.type ?? '') ?? [];
  const isText = ['text', 'character varying'].includes(soft?.type ?? '');
  if (!soft || isText || soft.type === sources.usersIdType || Number(length) >= 36) return [];
  return wrong(
    name,
    `its column ${soft.name} of type ${soft.type} cannot hold the id of a user, which is ${sources.usersIdType}.`,
    {
      fix: `Give it the type ${sources.usersIdType} or text, or write a class with \`@MergeHandler(${target})\`.`,
    },
  );
}

function ignoredAndHandled({ oid, name, target }: Declared, sources: MapSources): Refusal[] {
  if (!sources.handled.has(oid)) return [];
  return wrong(name, 'it is ignored and has a merge handler.', {
    fix: `Remove \`ignored(${target}, …)\`, or the handler.`,
  });
}

/** Rows of an ignored table go with the guest where its key says so. Rows that take part in merges must not go with them. */
function draggedAlong({ oid, name }: Declared, sources: MapSources): Refusal[] {
  const toUsers = keysBetween(oid, sources.usersOid, sources);
  if (!toUsers.some(({ onDelete }) => onDelete === 'cascade')) return [];
  return sources.foreignKeys
    .filter(({ targetOid, onDelete }) => targetOid === oid && !isBlocking(onDelete))
    .filter(({ tableOid }) => !isIgnored(sources.declarations.get(tableOid)))
    .flatMap((key) =>
      wrong(
        name,
        `it is ignored, so its rows go with a merged guest, and by foreign key ${key.name} rows of ${key.schema}.${key.table} would go or change with them.`,
        { fix: 'Declare it as owned, or give that key ON DELETE NO ACTION.' },
      ),
    );
}

/** A key to something else than the user's id says whose a row is, but not in a way that a merge could rewrite. */
function keysWithoutId(sources: MapSources): Refusal[] {
  const { foreignKeys, usersOid, usersId } = sources;
  return foreignKeys
    .filter(({ targetOid, targetColumns }) => {
      return targetOid === usersOid && !targetColumns.includes(usersId);
    })
    .filter(({ tableOid }) => !sources.handled.has(tableOid))
    .filter(({ tableOid }) => !isIgnored(sources.declarations.get(tableOid)))
    .map(({ name, tableOid, targetColumns }) => {
      const target = targetOf(tableOid, sources);
      return {
        kind: 'cannot-merge',
        table: nameOf(tableOid, sources),
        problem: `foreign key ${name} refers to users by ${targetColumns.join(', ')} and not by their id.`,
        fix: `Refer to ${usersId}, write a class with \`@MergeHandler(${target})\`, or \`ignored(${target}, 'why')\`.`,
      };
    });
}

export function isIgnored(declaration: TableDeclaration | undefined): boolean {
  return declaration?.ignoredBecause !== undefined;
}

/** Whether rows that refer to a row keep it from being deleted. */
export function isBlocking(onDelete: ForeignKey['onDelete']): boolean {
  return onDelete === 'no action' || onDelete === 'restrict';
}

function keysBetween(from: string, to: string, { foreignKeys }: MapSources): ForeignKey[] {
  return foreignKeys.filter(({ tableOid, targetOid }) => tableOid === from && targetOid === to);
}

function declaredOf(oid: string, declaration: TableDeclaration, sources: MapSources): Declared {
  const [name, target] = [nameOf(oid, sources), targetOf(oid, sources)];
  return { oid, declaration, catalog: sources.catalog.get(oid)!, name, target };
}

function wrong(table: string, problem: string, { fix }: Pick<Refusal, 'fix'>): Refusal[] {
  return [{ kind: 'wrong-declaration', table, problem, fix }];
}
