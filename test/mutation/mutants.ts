import type { Mutant } from './mutant.js';
import { mergeMutants } from './mutants/merge.js';
import { signInMutants } from './mutants/sign-in.js';
import { workerMutants } from './mutants/workers.js';

/** In the order in which they are tried out. */
export const mutants: readonly Mutant[] = [...mergeMutants, ...signInMutants, ...workerMutants];
