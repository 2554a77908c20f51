import type { CaseResult } from '../run/measure-case.js';
import type { Results } from './results.js';

/** A ratio may get worse by this much before it counts. */
const TOLERANCE = 0.1;

/** Ratios of our own contenders that are worse than the committed ones, in words. */
export function regressions(results: readonly CaseResult[], committed: Results): string[] {
  return results.flatMap((result) => {
    const before = committed.cases.find(({ name }) => name === result.name);
    return before ? regressionsOf(result, before) : [];
  });
}

function regressionsOf(now: CaseResult, before: CaseResult): string[] {
  return Object.entries(now.ratios).flatMap(([ratio, value]) => {
    const known = before.ratios[ratio];
    if (known === undefined || known === 0 || ratio.startsWith('better-auth')) return [];
    const change = value / known - 1;
    const isWorse = now.isRate ? change < -TOLERANCE : change > TOLERANCE;
    return isWorse
      ? [`${now.title}: ${ratio} is ${value.toFixed(3)}, was ${known.toFixed(3)}`]
      : [];
  });
}
