/** Why a command could not do its work, in one line for the person at the terminal. */
export class CliError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CliError';
  }
}

/** The first line of what went wrong. A host with several addresses fails with one error for each and no message of its own. */
export function reasonOf(error: unknown): string {
  const { message, code, errors } = (error ?? {}) as Error & { code?: string; errors?: Error[] };
  const text = message || errors?.[0]?.message || code || String(error);
  return text.split('\n')[0]!.trim();
}
