import { parseArgs } from 'node:util';
import { casesOf } from './cases/cases.js';
import { writeChart } from './report/chart.js';
import { writePage } from './report/page.js';
import { regressions } from './report/compare.js';
import { loadNow, readResults, type Results, resultsOf, writeResults } from './report/results.js';
import { tableOf } from './report/table.js';
import { Arena } from './run/arena.js';
import type { Sizes } from './run/bench-case.js';
import { type CaseResult, measureCase } from './run/measure-case.js';

const { values } = parseArgs({
  options: {
    /** All cases in minutes: short, and with smaller tables. Writes nothing. */
    quick: { type: 'boolean', default: false },
    /** Writes nothing; fails when a ratio is worse than the committed one by more than a tenth. */
    compare: { type: 'boolean', default: false },
    /** Only the cases of this name, or whose name begins so. */
    only: { type: 'string', multiple: true },
    rounds: { type: 'string' },
  },
});

const QUICK: Sizes = {
  rounds: 3,
  longRounds: 1,
  warmUpMs: 400,
  durationMs: 200,
  connections: [16],
  rows: [10],
  samples: 5,
  links: 32,
  largeRows: 10_000,
  staleGuests: 5_000,
  crowd: 100_000,
};
const FULL: Sizes = {
  rounds: 5,
  longRounds: 5,
  warmUpMs: 5000,
  durationMs: 2000,
  connections: [1, 16, 64],
  rows: [0, 10, 1_000],
  samples: 30,
  links: 256,
  largeRows: 100_000,
  staleGuests: 100_000,
  crowd: 1_000_000,
};

const { quick: isQuick, only } = values;
const sizes = {
  ...(isQuick ? QUICK : FULL),
  ...(values.rounds && { rounds: Number(values.rounds), longRounds: Number(values.rounds) }),
};
const all = casesOf(sizes);
const chosen = all.filter(({ name }) => !only || only.some((start) => name.startsWith(start)));
if (chosen.length === 0) {
  throw new Error(`no such case. There are: ${all.map(({ name }) => name).join(', ')}`);
}

const loadAverage = loadNow();
const cases: CaseResult[] = [];
const arena = await Arena.open();
try {
  for (const benchCase of chosen) {
    const result = await measureCase(benchCase, { arena, sizes });
    cases.push(result);
    console.info(`${tableOf([result])}\n`);
  }
  const postgres = await arena.postgresVersion();
  await finish(resultsOf(cases, { postgres, loadAverage }));
} finally {
  await arena.close();
}

async function finish(measured: Results): Promise<void> {
  if (!values.compare) {
    if (isQuick) return;
    const results = writeResults(measured, only !== undefined);
    writeChart(results);
    await writePage(results);
    return;
  }
  const committed = readResults();
  if (!committed) throw new Error('there are no bench/results.json to compare with.');
  const worse = regressions(measured.cases, committed);
  for (const line of worse) console.error(line);
  if (worse.length > 0) process.exitCode = 1;
  else console.info('No ratio is worse than the committed ones by more than a tenth.');
}
