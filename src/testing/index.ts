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
  type TestAccount,
  type TestAccountOptions,
} from './people/create-account.js';
export { createGuest, type TestGuestOptions } from './people/create-guest.js';
export { signInAs, type TestSignIn, type TestSignInOptions } from './people/sign-in-as.js';
export type { TestPerson } from './people/test-person.js';
export { sample, type Sample, type SampleContext, type SampleValues } from './rows/samples.js';
