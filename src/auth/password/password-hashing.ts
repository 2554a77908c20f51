/** Makes and checks password hashes. Both are called with the password exactly as the person typed it. */
export interface PasswordHashing {
  hash(password: string): Promise<string>;
  /** Answers `false` for a wrong password and for a hash it cannot read; never throws for either. */
  verify(hash: string, password: string): Promise<boolean>;
}
