import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { run } from '../compat/installed.js';

const LONGEST_MS = 600_000;

export interface FailedTest {
  readonly title: string;
  readonly suite: string;
  /** The first line of what it says. */
  readonly reason: string;
}

export interface SuiteRun {
  readonly failed: readonly FailedTest[];
  readonly passed: number;
  /** Why there is nothing to learn from it: the code does not even load, or nothing works at all. */
  readonly broken: string | undefined;
}

/** As the reporter writes it. */
interface Report {
  readonly tests: readonly {
    readonly suite: string;
    readonly title: string;
    readonly status: string;
    readonly reason: string;
  }[];
  readonly errors: readonly { readonly suite: string; readonly message: string }[];
}

/** Runs suites of a project one after the other, up to the first that fails. */
export async function runSuites(folder: string, suites: readonly string[]): Promise<SuiteRun> {
  const work = join(folder, '.mutation');
  const file = join(work, 'report.json');
  rmSync(file, { force: true });
  const args = [
    '-w',
    '1',
    '--bail',
    '--silent',
    '--forceExit',
    '--config',
    configIn(work, folder, file),
  ];
  const { err } = await run(
    folder,
    process.execPath,
    [join(folder, 'node_modules/jest/bin/jest.js'), ...args, '--runTestsByPath', ...suites],
    { longestMs: LONGEST_MS },
  );
  const report = readReport(file);
  if (!report) return { failed: [], passed: 0, broken: `Jest has not come to its end.\n${err}` };
  const failed = report.tests
    .filter(({ status }) => status === 'failed')
    .map(({ suite, title, reason }) => ({
      title,
      suite: relative(folder, suite),
      reason: stripVTControlCharacters(reason).split('\n', 1)[0]!,
    }));
  const passed = report.tests.filter(({ status }) => status === 'passed').length;
  return { failed, passed, broken: passed > 0 ? undefined : brokenBy(report) };
}

/** The project's own configuration, with our reporter, and nothing left behind elsewhere. @returns the name of its file. */
function configIn(work: string, folder: string, report: string): string {
  mkdirSync(work, { recursive: true });
  const file = join(work, 'jest.config.mjs');
  const reporter = [join(folder, 'test/mutation/test-cases.reporter.mjs'), { file: report }];
  const own = { rootDir: folder, cacheDirectory: join(work, 'cache'), reporters: [reporter] };
  writeFileSync(
    file,
    `import base from ${JSON.stringify(join(folder, 'jest.config.mjs'))};
     export default { ...base, ...${JSON.stringify(own)} };`,
  );
  return file;
}

function readReport(file: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch {
    return undefined;
  }
}

function brokenBy({ tests, errors }: Report): string {
  const [message = 'no test has run'] = [
    ...errors.map((e) => e.message),
    ...tests.map((t) => t.reason),
  ];
  return `not a single test passes. ${stripVTControlCharacters(message)}`;
}
