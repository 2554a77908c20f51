import { type Paint, painter } from '../paint.js';
import type { Terminal } from '../terminal.js';
import { wrapped } from '../text.js';
import type { DiagnosedFinding, Diagnosis } from './diagnosis.js';
import { EXPLANATIONS, FINDING_KINDS } from './explanations.js';
import { mapTable } from './map-table.js';

type Look = Pick<Terminal, 'isColoured' | 'width'>;

/** The diagnosis for a person. */
export function humanReport(diagnosis: Diagnosis, { isColoured, width }: Look): string {
  const paint = painter(isColoured);
  const { database, users, tables, findings } = diagnosis;
  const map =
    tables.length > 0
      ? mapTable(tables, paint)
      : [`No table refers to ${users}, and none is declared.`];
  const sections = FINDING_KINDS.flatMap((kind) => {
    const own = findings.filter((finding) => finding.kind === kind);
    return own.length > 0 ? [section(own, paint, width)] : [];
  });
  return [
    [`Database ${paint(database, 'bold')}, users in table ${paint(users, 'bold')}`],
    // Without a map there is nothing to show but the reason.
    ...(tables.length === 0 && findings.some(({ table }) => table === null) ? [] : [map]),
    ...sections,
    [verdict(diagnosis, paint)],
  ]
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function section(findings: readonly DiagnosedFinding[], paint: Paint, width: number): string[] {
  const { kind, severity, counts } = findings[0]!;
  const { title, why } = EXPLANATIONS[kind];
  const colour =
    severity === 'error' ? 'red' : severity === 'warning' && counts ? 'yellow' : 'cyan';
  const mark = severity === 'error' ? '✗' : severity === 'warning' && counts ? '!' : '·';
  const allowed = severity !== 'note' && !counts ? ' (allowed)' : '';
  return [
    paint(`${mark} ${title}${allowed}`, 'bold', colour),
    ...wrapped(why, width - 2).map((line) => paint(`  ${line}`, 'dim')),
    ...findings.flatMap((finding, n) => entry(finding, findings[n + 1], paint, width)),
  ];
}

/** What several keys of one table ask for is written once, after the last of them. */
function entry(
  { kind, table, columns, problem, fix, line }: DiagnosedFinding,
  next: DiagnosedFinding | undefined,
  paint: Paint,
  width: number,
): string[] {
  const name = table === null ? [] : [[table, ...columns.slice(0, 1)].join('.')];
  const isRepeated = line !== null && next?.line === line;
  const prose = (text: string | null) =>
    wrapped(text ?? '', width - 4).map((part) => highlighted(part, paint));
  return [
    '',
    ...name.map((text) => `  ${paint(text, 'bold')}`),
    ...[
      // The title says it already.
      ...(kind === 'missing-index' ? [] : prose(capitalized(problem))),
      // So does the explanation of missing policies, and the line says it in code.
      ...(kind === 'missing-policy' ? [] : prose(fix)),
      ...(isRepeated || line === null ? [] : [paint(line, 'cyan')]),
    ].map((text) => `    ${text}`),
  ];
}

function verdict({ ok, tables, findings }: Diagnosis, paint: Paint): string {
  const counting = findings.filter(({ counts }) => counts);
  const owners = tables.flatMap((table) => table.owners).length;
  if (ok) {
    const seen = `${count(tables.length, 'table')}, ${count(owners, 'owner column')}`;
    return paint(`✓ No problems: ${seen}.`, 'bold', 'green');
  }
  const errors = counting.filter(({ severity }) => severity === 'error').length;
  const all = count(counting.length, 'problem');
  if (errors === 0) return paint(`${all}.`, 'bold', 'yellow');
  const which =
    errors === counting.length
      ? 'the app does not start'
      : `${errors} of them ${errors === 1 ? 'keeps' : 'keep'} the app from starting`;
  return paint(`${all}: ${which}.`, 'bold', 'red');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function highlighted(text: string, paint: Paint): string {
  return text.replaceAll(/`[^`]*`/g, (code) => paint(code, 'cyan'));
}
