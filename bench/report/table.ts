import type { CaseResult } from '../run/measure-case.js';

/** What the bench prints: for each case a line of medians, and below it the ratios. */
export function tableOf(results: readonly CaseResult[]): string {
  return results.map(lines).join('\n\n');
}

function lines({ title, unit, rounds, loadAverage, medians, titles, ratios }: CaseResult): string {
  const head = `${title} [${unit}; median of ${rounds}; load average ${loadAverage.toFixed(1)}]`;
  const rows = Object.entries(medians).map(([name, figure]) => {
    const own = Object.entries(ratios)
      .filter(([ratio]) => ratio.startsWith(`${name}/`))
      .map(([ratio, value]) => `${value.toFixed(3)} of ${titles[ratio.split('/')[1]!]}`);
    return `  ${titles[name]!.padEnd(34)} ${rounded(figure).padStart(9)}   ${own.join(', ')}`;
  });
  return [head, ...rows].join('\n');
}

export function rounded(figure: number): string {
  return figure.toFixed(figure >= 100 ? 0 : figure >= 10 ? 1 : 2);
}
