/** A merge handler did something that would lose rows or hide a failure. The merge is rolled back and tried again. */
export class MergeHandlerError extends Error {
  constructor(handler: string, reason: string, options?: ErrorOptions) {
    super(`merge handler ${handler} ${reason}`, options);
    this.name = 'MergeHandlerError';
  }
}

/** The merge cannot be proven complete, so it is rolled back and tried again. */
export class MergeRefusedError extends Error {
  override readonly name = 'MergeRefusedError';

  /** @param tables their names. */
  static leaving(tables: readonly string[]): MergeRefusedError {
    return new MergeRefusedError(`rows of the guest are left in ${tables.join(', ')}.`);
  }
}
