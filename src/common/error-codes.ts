/**
 * Every error a client can get from this library: code, HTTP status, and the constant message.
 * The list is closed. Clients branch on the code; a code is never reused for another meaning.
 */
export const ERROR_CODES = {
  ACCOUNT_NOT_FOUND: [400, 'There is no such account.'],
  ALREADY_SIGNED_IN: [409, 'An account is signed in already. Sign out first.'],
  AMBIGUOUS_CREDENTIALS: [400, 'Cookie and bearer token belong to different users.'],
  ANONYMOUS_USERS_CANNOT_SIGN_IN_AGAIN_ANONYMOUSLY: [
    400,
    'Anonymous users cannot sign in again anonymously.',
  ],
  CHALLENGE_REQUIRED: [403, 'Solve the challenge before a guest can be issued.'],
  CREDENTIAL_ACCOUNT_NOT_FOUND: [400, 'This account has no password.'],
  DELETE_ANONYMOUS_USER_DISABLED: [400, 'Deleting anonymous users is disabled.'],
  EMAIL_TAKEN: [409, 'This e-mail address belongs to an account.'],
  FAILED_TO_UNLINK_LAST_ACCOUNT: [400, 'This is the last way in. Add another one first.'],
  GUEST_HAS_DEPENDENTS: [409, 'Rows of other users refer to what this guest owns.'],
  GUEST_MERGED: [409, 'This guest has been merged into an account or removed. Sign in.'],
  GUEST_REFUSED: [403, 'No guest is issued for this request.'],
  INVALID_EMAIL_FORMAT: [400, 'Email was not generated in a valid format'],
  INVALID_EMAIL_OR_PASSWORD: [401, 'Invalid e-mail address or password.'],
  INVALID_IDEMPOTENCY_KEY: [
    400,
    'Idempotency-Key must be 22 to 255 visible ASCII characters, chosen at random.',
  ],
  INVALID_OR_EXPIRED: [400, 'This link or code is not valid, has expired, or has been used.'],
  INVALID_ORIGIN: [403, 'Invalid origin.'],
  INVALID_PASSWORD: [400, 'The password is wrong.'],
  LINK_CODE_MISMATCH: [400, 'This is not the code that the other side sees.'],
  LINK_NEEDS_GUEST: [403, 'The guest has to agree too. Sign in on the device where it is.'],
  LINK_NOT_FOUND: [404, 'There is no such link.'],
  LINK_PREVIEW_STALE: [409, 'A merge would do something else by now. Look at the new preview.'],
  LINK_REFUSED: [409, 'What this guest owns cannot be brought into that account. Sign out first.'],
  MALFORMED_JSON: [400, 'The body is not valid JSON.'],
  NOT_ANONYMOUS: [400, 'This user is an account already.'],
  PASSWORD_ALREADY_SET: [400, 'This account has a password already. Change that one.'],
  PAYLOAD_TOO_LARGE: [413, 'The body is too large.'],
  PROVIDER_ANSWER_INVALID: [400, 'What the provider says about you does not hold. Try again.'],
  PROVIDER_NOT_FOUND: [404, 'There is no such provider.'],
  PROVIDER_REFUSED: [400, 'The provider has not signed you in. Try again.'],
  PROVIDER_UNAVAILABLE: [502, 'The provider does not answer as it should. Try again later.'],
  SESSION_EXPIRED: [400, 'Sign in again, then repeat this.'],
  SOCIAL_ACCOUNT_ALREADY_LINKED: [409, 'Another account has this way in.'],
  TEMPORARILY_UNAVAILABLE: [503, 'This is not possible right now. Try again in a moment.'],
  TOO_MANY_REQUESTS: [429, 'Too many requests. Try again later.'],
  UNAUTHORIZED: [401, 'Sign in first.'],
  UNSUPPORTED_MEDIA_TYPE: [415, 'Send the body as application/json.'],
  UPGRADE_DISABLED: [403, 'Guests cannot become accounts here.'],
  UPGRADE_REQUIRED: [403, 'This needs an account. Sign up or sign in.'],
  USER_ALREADY_HAS_PASSWORD: [400, 'This account has a password. Send it along.'],
  USER_HAS_DEPENDENTS: [409, 'Rows of other users refer to what this account owns.'],
  USER_IS_NOT_ANONYMOUS: [403, 'User is not anonymous.'],
  VALIDATION_FAILED: [400, 'The request is not valid.'],
} as const satisfies Record<string, readonly [status: number, message: string]>;

/** One of the closed list of machine codes that a client can branch on. */
export type ErrorCode = keyof typeof ERROR_CODES;
