/** What the host puts into its own columns of a new user. */
export interface NewUserOptions {
  /**
   * Values for columns of the host's user table that have no default and may not be null, by the property of its entity.
   * Asked for each new guest, for each sign-up that may make a new row, and once at start to see whether anything is missing;
   * again when a row breaks a unique key.
   * @default none
   */
  readonly guestDefaults?: () =>
    Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>>;
  /**
   * An address that fills the e-mail column of a new guest, for tables where it may not be null. Use a domain that nobody
   * can receive mail at, such as `guest.invalid`. @default none: `email` is null
   */
  readonly placeholderEmail?: (guestId: string) => string | Promise<string>;
}

/** The part of the options of guests that is about their rows. */
export function newUserOptions({
  guestDefaults,
  placeholderEmail,
}: NewUserOptions = {}): NewUserOptions {
  return { guestDefaults, placeholderEmail };
}

export const NEW_USER_OPTIONS = Symbol('nestjs-anonymous:new-user-options');
