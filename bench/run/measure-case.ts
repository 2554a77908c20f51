import { loadavg } from 'node:os';
import type { Bench, BenchCase } from './bench-case.js';
import { median } from './median.js';

/** The figures of one case. */
export interface CaseResult {
  readonly name: string;
  readonly title: string;
  readonly unit: BenchCase['unit'];
  readonly isRate: boolean;
  readonly rounds: number;
  /** Load average of the machine over the last minute, when the case was done. */
  readonly loadAverage: number;
  /** What the contenders are called. */
  readonly titles: Readonly<Record<string, string>>;
  readonly medians: Readonly<Record<string, number>>;
  /** Medians of the ratios of each round, by `contender/reference`. */
  readonly ratios: Readonly<Record<string, number>>;
}

/** Asks every contender in turn, in a new order each round: what else the machine does hits them alike. */
export async function measureCase(benchCase: BenchCase, bench: Bench): Promise<CaseResult> {
  const { plans, ratios, name, title, unit, isRate } = benchCase;
  const rounds = benchCase.rounds?.(bench.sizes) ?? bench.sizes.rounds;
  const contenders = [];
  for (const plan of plans) {
    contenders.push({ plan, contender: await bench.arena.contender(plan) });
  }
  const warmUp = benchCase.warmUp ?? benchCase.measure;
  const warm = { ...bench, sizes: { ...bench.sizes, durationMs: bench.sizes.warmUpMs } };
  for (const { plan, contender } of contenders) await warmUp(contender, warm, plan);
  const figures = new Map(plans.map((plan) => [plan.name, [] as number[]]));
  for (let round = 0; round < rounds; round += 1) {
    const first = round % contenders.length;
    for (const { plan, contender } of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      figures.get(plan.name)!.push(await benchCase.measure(contender, bench, plan));
    }
  }
  const of = (contender: string) => figures.get(contender)!;
  return {
    name,
    title,
    unit,
    isRate,
    rounds,
    loadAverage: loadavg()[0]!,
    titles: Object.fromEntries(plans.map((plan) => [plan.name, plan.title])),
    medians: Object.fromEntries(plans.map((plan) => [plan.name, median(of(plan.name))])),
    ratios: Object.fromEntries(
      ratios.map((ratio) => [
        `${ratio.of}/${ratio.to}`,
        median(of(ratio.of).map((figure, round) => figure / of(ratio.to)[round]!)),
      ]),
    ),
  };
}
