export { TestKitError } from './kit-error.js';
export {
  checkMerge,
  type CheckMergeOptions,
  checkMerges,
  type CheckMergesOptions,
} from './merges/check-merge.js';
export { expectNoOrphans, type OrphanOptions } from './orphans/expect-no-orphans.js';
export {
  createAccount,
  createGuest,
  signInAs,
  type TestAccount,
  type TestAccountOptions,
  type TestGuestOptions,
  type TestPerson,
  type TestSignIn,
  type TestSignInOptions,
} from './people.js';
export { sample, type Sample, type SampleContext, type SampleValues } from './rows/samples.js';
