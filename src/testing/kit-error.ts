/** What the test kit throws: a rule that does not hold, or a table that it needs help with. */
export class TestKitError extends Error {
  override readonly name = 'TestKitError';

  constructor(message: string, options?: ErrorOptions) {
    super(`nestjs-anonymous/testing: ${message}`, options);
  }
}
