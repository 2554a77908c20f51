// `npm run test:mutation [-- --only <name>[,<name>]] [--baseline]`: takes out of a copy of the library, one at a time, what keeps its promises, and says which test notices.
import { parseArgs } from 'node:util';
import type { Mutant } from './mutant.js';
import { mutants } from './mutants.js';
import { ProjectCopy } from './project-copy.js';
import { runSuites } from './suite-run.js';

/** Of the tests that notice one mutant. */
const MOST_SHOWN = 3;

const { values } = parseArgs({
  options: { only: { type: 'string' }, baseline: { type: 'boolean' } },
});
const names = values.only?.split(',');
const unknown = names?.filter((name) => mutants.every((mutant) => mutant.name !== name)) ?? [];
if (unknown.length > 0) {
  console.error(
    `There is no ${unknown.join(', ')}. There are:\n  ${mutants.map(({ name }) => name).join('\n  ')}`,
  );
  process.exit(2);
}
const wanted = mutants.filter(({ name }) => names?.includes(name) ?? true);

const copy = new ProjectCopy();
process.once('exit', () => copy.remove());
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

/** Without a mutant every suite passes, or its failure would say nothing. */
async function runBaseline(): Promise<boolean> {
  const suites = [...new Set(wanted.flatMap((mutant) => mutant.suites))];
  const { failed, passed, broken } = await runSuites(copy.folder, suites);
  if (broken) console.error(broken);
  for (const { title, suite } of failed) console.log(`    ${title} (${suite})`);
  console.log(`baseline: ${passed} tests pass, ${failed.length} fail`);
  return failed.length === 0 && broken === undefined;
}

/** @returns whether a test has noticed. */
async function tryOut(mutant: Mutant): Promise<boolean> {
  const begun = performance.now();
  const restore = copy.apply(mutant);
  const { failed, broken } = await runSuites(copy.folder, mutant.suites);
  restore();
  const seconds = Math.round((performance.now() - begun) / 1000);
  const verdict = broken ? 'BROKEN' : failed.length === 0 ? 'SURVIVED' : 'noticed';
  console.log(`${verdict.padEnd(8)} ${mutant.name} (${seconds} s): ${mutant.keeps}`);
  if (broken) console.log(`    It says nothing about the promise: ${broken}`);
  for (const { title, suite, reason } of failed.slice(0, MOST_SHOWN)) {
    console.log(`    ${title}\n      ${suite}: ${reason}`);
  }
  if (failed.length > MOST_SHOWN) console.log(`    and ${failed.length - MOST_SHOWN} more`);
  return verdict === 'noticed';
}

let isWhole = !values.baseline || (await runBaseline());
let noticed = 0;
for (const mutant of isWhole ? wanted : []) {
  if (await tryOut(mutant)) noticed += 1;
}
isWhole &&= noticed === wanted.length;
console.log(`${noticed} of ${wanted.length} mutants noticed`);
process.exit(isWhole ? 0 : 1);
