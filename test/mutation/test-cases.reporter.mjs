import { writeFileSync } from 'node:fs';

/**
 * Writes each test and how it ended to a file. Jest's own JSON forgets the tests of a suite whose last hook fails, and the
 * checker in there is one of those that notice.
 */
export default class TestCasesReporter {
  #tests = [];
  #errors = [];

  constructor(_globalConfig, { file }) {
    this.file = file;
  }

  onTestCaseResult({ path: suite }, { fullName: title, status, failureMessages: [reason = ''] }) {
    this.#tests.push({ suite, title, status, reason });
  }

  onTestResult(_test, { testExecError }) {
    if (testExecError) this.#errors.push(testExecError.message);
  }

  onRunComplete() {
    writeFileSync(this.file, JSON.stringify({ tests: this.#tests, errors: this.#errors }));
  }
}
