import { regressions } from '../../bench/report/compare.js';
import type { Results } from '../../bench/report/results.js';
import type { CaseResult } from '../../bench/run/measure-case.js';

const figures = (isRate: boolean, ratios: Record<string, number>, name = 'issue'): CaseResult => ({
  name,
  title: 'issue a guest',
  unit: isRate ? 'requests/s' : 'ms',
  isRate,
  rounds: 1,
  loadAverage: 0,
  titles: {},
  medians: {},
  ratios,
});

const compare = (now: CaseResult, before: CaseResult) =>
  regressions([now], { cases: [before] } as unknown as Results);

describe('the comparison of the benchmark with the committed figures', () => {
  it.each([
    ['a rate', true, 0.89],
    ['a time', false, 1.11],
  ])('names %s that is worse by more than a tenth', (_, isRate, ratio) => {
    const [now, before] = [{ 'fastify/limit': ratio }, { 'fastify/limit': 1 }];
    expect(compare(figures(isRate, now), figures(isRate, before))).toEqual([
      `issue a guest: fastify/limit is ${ratio.toFixed(3)}, was 1.000`,
    ]);
  });

  it.each([
    ['a rate', true, [0.91, 1, 2]],
    ['a time', false, [1.09, 1, 0.5]],
  ])('is content with %s that is less worse, the same or better', (_, isRate, ratios) => {
    for (const ratio of ratios) {
      const [now, before] = [{ 'fastify/limit': ratio }, { 'fastify/limit': 1 }];
      expect(compare(figures(isRate, now), figures(isRate, before))).toEqual([]);
    }
  });

  it('does not mind what becomes of others, nor what nobody has measured before', () => {
    const now = figures(true, { 'better-auth-nest/limit': 0.1, 'express/limit': 0.1 });
    expect(compare(now, figures(true, { 'better-auth-nest/limit': 1 }))).toEqual([]);
    expect(compare(now, figures(true, { 'express/limit': 1 }, 'check'))).toEqual([]);
  });
});
