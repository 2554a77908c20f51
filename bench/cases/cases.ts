import type { BenchCase } from '../run/bench-case.js';
import { PROCESS_CASES } from './processes.js';
import { REAPER_CASES } from './reaper.js';
import { REQUEST_CASES } from './requests.js';
import { SIGN_IN_CASES } from './sign-ins.js';
import { STATEMENT_CASES } from './statements.js';
import { MANY_USERS_CASES } from './many-users.js';

/** In the order in which they run; what comes first finds the smallest tables. */
export const CASES: readonly BenchCase[] = [
  ...REQUEST_CASES,
  ...SIGN_IN_CASES,
  ...STATEMENT_CASES,
  ...PROCESS_CASES,
  ...REAPER_CASES,
  ...MANY_USERS_CASES,
];
