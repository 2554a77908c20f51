import type { BenchCase, Sizes } from '../run/bench-case.js';
import { manyUsersCases } from './many-users.js';
import { PROCESS_CASES } from './processes.js';
import { reaperCases } from './reaper.js';
import { requestCases } from './requests.js';
import { signInCases } from './sign-ins.js';
import { STATEMENT_CASES } from './statements.js';

/** In the order in which they run; what comes first finds the smallest tables. */
export function casesOf(sizes: Sizes): readonly BenchCase[] {
  return [
    ...requestCases(sizes),
    ...signInCases(sizes),
    ...STATEMENT_CASES,
    ...PROCESS_CASES,
    ...reaperCases(sizes),
    ...manyUsersCases(sizes),
  ];
}
