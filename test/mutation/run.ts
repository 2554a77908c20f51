// `npm run test:mutation [-- --only <name>[,<name>]] [--baseline]`: takes out of a copy of the library, one at a time, what keeps its promises, and says which test notices.
import { parseArgs } from 'node:util';
import type { Mutant } from './mutant.js';
import { mutants } from './mutants.js';
import { ProjectCopy } from './project-copy.js';
import { type EndedTest, runSuites } from './suite-run.js';

/** Of the tests that notice one mutant. */
const MOST_SHOWN = 3;
/** Passes with every mutant: the app still starts and works, so that what fails beside it is about the one thing taken out. */
const CONTROL = 'test/linking/main-job.e2e-spec.ts';

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

const isFailed = ({ status }: EndedTest) => status === 'failed';

function show(tests: readonly EndedTest[]): void {
  for (const { title, suite, reason } of tests.slice(0, MOST_SHOWN)) {
    console.log(`    ${title}\n      ${suite}: ${reason}`);
  }
  if (tests.length > MOST_SHOWN) console.log(`    and ${tests.length - MOST_SHOWN} more`);
}

/** Without a mutant every suite passes, or its failure would say nothing. */
async function isSound(): Promise<boolean> {
  const suites = new Set([CONTROL, ...wanted.flatMap((mutant) => mutant.suites)]);
  const { tests, errors } = await runSuites(copy.folder, [...suites]);
  const failed = tests.filter(isFailed);
  console.log(`baseline: ${tests.length - failed.length} tests pass, ${failed.length} fail`);
  show(failed);
  for (const error of errors) console.log(`    ${error}`);
  return failed.length === 0 && errors.length === 0;
}

/** @returns whether a test has noticed. */
async function isNoticed(mutant: Mutant): Promise<boolean> {
  const begun = performance.now();
  const restore = copy.apply(mutant);
  const { tests, errors } = await runSuites(copy.folder, [CONTROL, ...mutant.suites]);
  restore();
  const failed = tests.filter((test) => isFailed(test) && test.suite !== CONTROL);
  const controls = tests.filter(({ suite }) => suite === CONTROL);
  const isBroken = controls.length === 0 || controls.some(isFailed);
  const verdict = isBroken ? 'BROKEN' : failed.length === 0 ? 'SURVIVED' : 'noticed';
  const seconds = Math.round((performance.now() - begun) / 1000);
  console.log(`${verdict.padEnd(8)} ${mutant.name} (${seconds} s): ${mutant.keeps}`);
  show(failed);
  if (isBroken) {
    console.log('    With it the app does nothing at all, which says nothing about the promise.');
    show(controls.filter(isFailed));
    for (const error of errors) console.log(`    ${error}`);
  }
  return verdict === 'noticed';
}

if (values.baseline && !(await isSound())) process.exit(1);
let noticed = 0;
for (const mutant of wanted) {
  if (await isNoticed(mutant)) noticed += 1;
}
console.log(`${noticed} of ${wanted.length} mutants noticed`);
process.exit(noticed === wanted.length ? 0 : 1);
