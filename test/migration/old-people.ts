/** Somebody who used the app while it was on better-auth. */
export interface OldPerson {
  readonly id: string;
  readonly email: string | null;
  /** What their browser sends. */
  readonly cookies: string;
}

export interface OldPeople {
  readonly returning: OldPerson;
  readonly signingUp: OldPerson;
  readonly signingIn: OldPerson;
  readonly leaving: OldPerson;
  /** A guest to whom better-auth has attached a provider's person. */
  readonly attached: OldPerson;
  readonly verified: OldPerson;
  readonly unverified: OldPerson;
  /** Has a password and a provider's person. */
  readonly social: OldPerson;
}
