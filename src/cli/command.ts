import type { Terminal } from './terminal.js';

export interface Command {
  readonly name: string;
  readonly summary: string;
  /**
   * @returns the exit code.
   * @throws CliError, or an error of `parseArgs`, when it could not do its work.
   */
  run(args: readonly string[], terminal: Terminal, cwd: string): Promise<number>;
}
