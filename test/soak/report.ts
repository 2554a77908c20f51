import type { Journal } from '../support/load/journal.js';

export interface SoakResult {
  readonly seed: number;
  readonly minutes: number;
  readonly journal: Journal;
  readonly merges: number;
  readonly reaped: number;
  /** What has struck, by how often. */
  readonly faults: ReadonlyMap<string, number>;
  readonly deadlocks: number;
  readonly broken: readonly string[];
}

/** One screen. */
export function reportOf(result: SoakResult): string {
  const { journal, faults, broken } = result;
  const struck = [...faults.values()].reduce((sum, times) => sum + times, 0);
  const rows: [string, string | number][] = [
    ['seed', result.seed],
    ['minutes', result.minutes],
    ['acknowledged writes', journal.acknowledged],
    ['sign-ins', journal.count('sign-in')],
    ['merges', result.merges],
    ['upgrades', journal.count('upgrade')],
    ['guests reaped', result.reaped],
    ['faults', struck],
    ['lost', found(broken, /^(\d+) rows of \S+ are lost/)],
    [
      'orphaned',
      found(broken, /^(\d+) rows are orphaned/) + lines(broken, / names (nobody|a guest)/),
    ],
    ['doubled', found(broken, /^(\d+) .* more than once/)],
    ['other broken promises', broken.length],
    ['deadlocks', result.deadlocks],
    ['sign-in p50', `${journal.signInTook(0.5)} ms`],
    ['sign-in p99', `${journal.signInTook(0.99)} ms`],
  ];
  const statuses = [...journal.statuses].toSorted(([a], [b]) => a - b);
  return [
    ...rows.map(([name, value]) => `${name.padEnd(22)} ${value}`),
    `${'answers'.padEnd(22)} ${statuses.map(([status, n]) => `${status || 'none'}: ${n}`).join(', ')}`,
    ...[...faults].map(([name, times]) => `  ${times} x ${name}`),
    ...broken.map((line) => `BROKEN ${line}`),
  ].join('\n');
}

function found(broken: readonly string[], pattern: RegExp): number {
  return broken.reduce((sum, line) => sum + Number(pattern.exec(line)?.[1] ?? 0), 0);
}

function lines(broken: readonly string[], pattern: RegExp): number {
  return broken.filter((line) => pattern.test(line)).length;
}
