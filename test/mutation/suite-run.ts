import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { run } from '../compat/installed.js';

const LONGEST_MS = 600_000;

export interface EndedTest {
  readonly suite: string;
  readonly title: string;
  readonly status: string;
  /** The first line of what a failed one says. */
  readonly reason: string;
}

export interface SuiteRun {
  readonly tests: readonly EndedTest[];
  /** Why suites have not come to their end, if there are any. */
  readonly errors: readonly string[];
}

/** Runs suites of a project one after the other. */
export async function runSuites(folder: string, suites: readonly string[]): Promise<SuiteRun> {
  const work = join(folder, '.mutation');
  const file = join(work, 'report.json');
  rmSync(file, { force: true });
  const args = ['-w', '1', '--silent', '--forceExit', '--config', configIn(work, folder, file)];
  const { err } = await run(
    folder,
    process.execPath,
    [join(folder, 'node_modules/jest/bin/jest.js'), ...args, '--runTestsByPath', ...suites],
    { longestMs: LONGEST_MS },
  );
  const report = readReport(file);
  if (!report) return { tests: [], errors: [`Jest has not come to its end. ${err}`] };
  return {
    tests: report.tests.map((test) => ({
      ...test,
      suite: relative(folder, test.suite),
      reason: stripVTControlCharacters(test.reason).split('\n', 1)[0]!,
    })),
    errors: report.errors.map(stripVTControlCharacters),
  };
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

/** As the reporter writes it. */
function readReport(file: string): { tests: EndedTest[]; errors: string[] } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { tests: EndedTest[]; errors: string[] };
  } catch {
    return undefined;
  }
}
