import fs from 'node:fs';
import { arch, cpus, loadavg, totalmem } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CaseResult } from '../run/measure-case.js';

/** What `bench/results.json` holds. */
export interface Results {
  readonly machine: {
    readonly cpus: number;
    readonly memoryGib: number;
    readonly arch: string;
    readonly node: string;
    readonly postgres: string;
  };
  readonly date: string;
  /** Of the machine over a minute, before the first case. Above 1 somebody else was busy too. */
  readonly loadAverage: number;
  readonly cases: readonly CaseResult[];
}

const file = fileURLToPath(new URL('../results.json', import.meta.url));

export function resultsOf(
  cases: readonly CaseResult[],
  { postgres, loadAverage }: { readonly postgres: string; readonly loadAverage: number },
): Results {
  return {
    machine: {
      cpus: cpus().length,
      memoryGib: Math.round(totalmem() / 2 ** 30),
      arch: arch(),
      node: process.version,
      postgres,
    },
    date: new Date().toISOString().slice(0, 10),
    loadAverage,
    cases,
  };
}

export function loadNow(): number {
  return loadavg()[0]!;
}

export function readResults(): Results | undefined {
  return fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, 'utf8')) as Results) : undefined;
}

/** @param isPart the cases that were not measured this time keep their figures. */
export function writeResults(results: Results, isPart: boolean): Results {
  const before = isPart ? (readResults()?.cases ?? []) : [];
  const measured = new Map(results.cases.map((result) => [result.name, result]));
  const kept = before.map((result) => measured.get(result.name) ?? result);
  const added = results.cases.filter(({ name }) => !before.some((known) => known.name === name));
  const all = { ...results, cases: [...kept, ...added] };
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `${JSON.stringify(all, rounded, 2)}\n`);
  return all;
}

/** Four digits say more than a benchmark knows. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value)
    ? Number(value.toPrecision(4))
    : value;
}
