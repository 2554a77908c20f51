import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { BARE, BETTER_AUTH_NEST } from '../run/contender-plans.js';
import type { CaseResult } from '../run/measure-case.js';
import type { Results } from './results.js';
import { rounded } from './table.js';

const file = fileURLToPath(new URL('../../docs/performance.md', import.meta.url));
const PART = /(<!-- figures: begin -->\n)[^]*?(<!-- figures: end -->)/;

const IMAGE = '![Medians of the benchmark](images/bench.svg)';

/** Puts the figures into the page about them, so that both come from one run. */
export async function writePage(results: Results): Promise<void> {
  const page = fs.readFileSync(file, 'utf8').replace(PART, (_, begin: string, end: string) => {
    return `${begin}\n${IMAGE}\n\n${conditions(results)}\n\n${tables(results.cases)}\n\n${end}`;
  });
  const options = await resolveConfig(file);
  fs.writeFileSync(file, await format(page, { ...options, parser: 'markdown' }));
}

function conditions({ machine, date, loadAverage }: Results): string {
  const { cpus, memoryGib, arch, node, postgres } = machine;
  return `${date}: ${cpus} cores (${arch}), ${memoryGib} GiB, Node ${node}, PostgreSQL ${postgres}, load average before it ${loadAverage.toFixed(1)}.`;
}

/** Cases with the same contenders make one table. */
function tables(cases: readonly CaseResult[]): string {
  const columnsOf = ({ titles }: CaseResult) => Object.values(titles).join(' | ');
  const groups = [...new Set(cases.map(columnsOf))];
  return groups
    .map((columns) => tableOf(cases.filter((result) => columnsOf(result) === columns)))
    .join('\n\n');
}

function tableOf(cases: readonly CaseResult[]): string {
  const names = Object.keys(cases[0]!.titles);
  const head = `| | ${names.map((name) => cases[0]!.titles[name]).join(' | ')} |`;
  const line = `| --- |${' ---: |'.repeat(names.length)}`;
  const rows = cases.map((result) => {
    const cells = names.map((name) => cellOf(result, name));
    return `| ${result.title}, ${result.unit} | ${cells.join(' | ')} |`;
  });
  return [head, line, ...rows].join('\n');
}

/** The median, and in brackets its ratios: to the limit, then to better-auth in Nest. */
function cellOf({ medians, ratios }: CaseResult, name: string): string {
  const own = [BARE.name, BETTER_AUTH_NEST.name]
    .map((reference) => ratios[`${name}/${reference}`])
    .filter((ratio) => ratio !== undefined);
  const others = Object.entries(ratios).filter(
    ([ratio]) => ratio.startsWith(`${name}/`) && own.length === 0,
  );
  const shown = [...own, ...others.map(([, ratio]) => ratio)].map((ratio) => ratio.toPrecision(2));
  return shown.length === 0
    ? rounded(medians[name]!)
    : `${rounded(medians[name]!)} (${shown.join('; ')})`;
}
