import { entityOf, type InspectionSources, keysToUsers, unquoted } from './inspected-tables.js';
import type { Finding } from './inspection.js';
import type { CascadingKey, CatalogEntry } from './inspection-catalog.js';
import type { Refusal } from './refusals.js';
import { isNamedLikeUser } from './user-column-names.js';

type Warning = Omit<Finding, 'severity' | 'table' | 'fix' | 'line'> & Partial<Finding>;

export function refused({ kind, table, problem, fix, line }: Refusal): Finding {
  return { kind, severity: 'error', table, columns: [], problem, fix, line: line ?? null };
}

/** Columns by which a merge, or the deletion of a user, looks for rows and finds no index. */
export function missingIndexes({ survey, entries }: InspectionSources): Finding[] {
  const wanted = new Map<string, Set<string>>();
  const want = (oid: string, columns: readonly string[]) =>
    wanted.set(oid, new Set([...(wanted.get(oid) ?? []), ...columns.map(unquoted)]));
  for (const { oid, owners, parents } of survey.map.tables) {
    want(oid, owners);
    // A key of several columns is found by an index on the first of them.
    for (const { columns } of parents) want(oid, columns.slice(0, 1));
  }
  for (const oid of survey.declarations.keys()) {
    for (const { columns } of keysToUsers(oid, survey)) want(oid, columns);
  }
  return [...wanted].flatMap(([oid, columns]) => {
    const entry = entries.get(oid);
    const bare = entry?.columns.filter(({ name, index }) => columns.has(name) && index === null);
    return (bare ?? []).map(({ name, sql }) =>
      warning(entry!, {
        kind: 'missing-index',
        columns: [name],
        problem: `no index begins with ${name}.`,
        // A partitioned table takes no CONCURRENTLY.
        line: `CREATE INDEX ${entry!.isPartitioned ? '' : 'CONCURRENTLY '}ON ${entry!.sql} (${sql});`,
      }),
    );
  });
}

/** Foreign keys that change or remove rows, without a word, when their user is deleted. */
export function cascades(sources: InspectionSources, keys: readonly CascadingKey[]): Finding[] {
  return keys.flatMap(({ tableOid, name, sqlName, definition }) => {
    const entry = sources.entries.get(tableOid);
    const key = keysToUsers(tableOid, sources.survey).find((candidate) => candidate.name === name);
    if (!entry || !key) return [];
    const restored = definition.replace(
      / ON DELETE (CASCADE|SET NULL|SET DEFAULT)( \([^)]*\))?/,
      '',
    );
    const isIgnored = sources.survey.declarations.get(tableOid)?.ignoredBecause !== undefined;
    const effect = key.onDelete === 'cascade' ? 'go with it' : 'lose their owner';
    const problem = isIgnored
      ? `the table is ignored and its key says ON DELETE ${key.onDelete.toUpperCase()}: a guest's rows ${effect} in every merge.`
      : `its key says ON DELETE ${key.onDelete.toUpperCase()}: when a user is deleted other than by a merge, the rows ${effect}.`;
    return warning(entry, {
      kind: 'cascade',
      columns: key.columns.map(unquoted),
      problem,
      line: `ALTER TABLE ${entry.sql} DROP CONSTRAINT ${sqlName}, ADD CONSTRAINT ${sqlName} ${restored};`,
    });
  });
}

/** Ignored tables whose foreign key does not let a guest go. */
export function blockedDeletes({ survey, entries }: InspectionSources): Finding[] {
  return [...survey.declarations].flatMap(([oid, { ignoredBecause }]) => {
    const entry = entries.get(oid);
    if (ignoredBecause === undefined || !entry) return [];
    return keysToUsers(oid, survey)
      .filter(({ onDelete }) => onDelete === 'no action' || onDelete === 'restrict')
      .map(({ columns }) =>
        warning(entry, {
          kind: 'blocked-delete',
          severity: 'note',
          columns: columns.map(unquoted),
          problem:
            'the table is ignored, but its foreign key keeps a user from being deleted: a guest with rows here is not merged until they are gone.',
          fix: 'Declare it as `owned`, or see to it that guests have no rows here.',
        }),
      );
  });
}

/** Columns that look as if they named users, of which the library knows nothing. */
export function softReferences(sources: InspectionSources): Finding[] {
  const { survey, entries } = sources;
  const users = entries.get(survey.usersOid);
  return [...entries.values()]
    .filter(({ oid }) => oid !== survey.usersOid && !survey.ownOids.has(oid))
    .filter(({ oid }) => survey.declarations.get(oid)?.ignoredBecause === undefined)
    .flatMap((entry) => {
      const soft = survey.declarations.get(entry.oid)?.softColumn;
      return entry.columns
        .filter(({ holdsIds, isForeignKey }) => holdsIds && !isForeignKey)
        .filter(({ name }) => soft === undefined || unquoted(soft) !== name)
        .filter(({ name }) => isNamedLikeUser(name, users?.table ?? 'users'))
        .map(({ name }) => softReference(entry, name, sources));
    });
}

function softReference(entry: CatalogEntry, column: string, sources: InspectionSources): Finding {
  const target = entityOf(entry, sources) ?? `'${entry.name}'`;
  const declared = sources.survey.declarations.get(entry.oid);
  const problem =
    "it has the type of a user's id and is named like one, but no foreign key says so: its values stay as they are in a merge.";
  const about = { kind: 'soft-reference', columns: [column], problem } as const;
  if (declared?.softColumn !== undefined) {
    return warning(entry, {
      ...about,
      fix: 'A declaration names one such column. Give this one a foreign key.',
    });
  }
  const rest = declared ? '…, ' : '';
  const call = `owned(${target}, { ${rest}column: '${column}' })`;
  return warning(entry, {
    ...about,
    fix: `Give it a foreign key, or declare it; or write \`ignored(${target}, 'why')\` if it holds no users.`,
    line: declared ? call : `AnonymousModule.forFeature([${call}])`,
  });
}

function warning(entry: CatalogEntry, { columns, ...finding }: Warning): Finding {
  return { severity: 'warning', fix: null, line: null, ...finding, table: entry.name, columns };
}
