import type { Decision, InspectedTable } from '../../linking/ownership/inspection.js';
import type { Paint } from '../paint.js';
import { aligned, type TextRow } from '../text.js';

const HEAD: TextRow = [
  ['TABLE'],
  ['OWNER'],
  ['ON COLLISION'],
  ['KEYS THAT CAN COLLIDE'],
  ['CHILDREN'],
];

const UNDECIDED = 'nobody decides';

/** The ownership map, one table after the other. */
export function mapTable(tables: readonly InspectedTable[], paint: Paint): string[] {
  const [head = [], ...rows] = aligned([HEAD, ...tables.map(rowOf)]);
  const body = rows.flatMap((lines, n) => lines.map((line) => coloured(line, tables[n]!, paint)));
  return [...head.map((line) => paint(line, 'bold')), ...body];
}

function coloured(line: string, { decision }: InspectedTable, paint: Paint): string {
  if (decision.kind === 'ignored') return paint(line, 'dim');
  return decision.kind === 'undecided' ? line.replace(UNDECIDED, paint(UNDECIDED, 'red')) : line;
}

function rowOf({
  table,
  owners,
  follows,
  decision,
  collidingKeys,
  children,
}: InspectedTable): TextRow {
  return [
    [table],
    [
      ...owners.map(({ column, onDelete }) => (onDelete === null ? `${column} (soft)` : column)),
      ...follows.map((parent) => `via ${parent.columns.join(', ')}`),
    ],
    linesOf(decision),
    collidingKeys.map(
      ({ parts, where }) => `(${parts.join(', ')})${where === null ? '' : ` where ${where}`}`,
    ),
    children,
  ];
}

function linesOf(decision: Decision): string[] {
  switch (decision.kind) {
    case 'newest':
      return [`newest(${decision.column})`];
    case 'combine':
      return Object.entries(decision.columns).map(([column, how]) => `combine ${column}: ${how}`);
    case 'handler':
      return [decision.name];
    case 'undecided':
      return [UNDECIDED];
    default:
      return [decision.kind];
  }
}
