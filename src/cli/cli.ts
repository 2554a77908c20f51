import { inspect } from 'node:util';
import { CliError, reasonOf } from './cli.errors.js';
import type { Command } from './command.js';
import { doctor } from './doctor/doctor.command.js';
import { links } from './links/links.command.js';
import { reap } from './reap/reap.command.js';
import { ownVersion } from './package-info.js';
import type { Terminal } from './terminal.js';

const COMMANDS: readonly Command[] = [doctor, links, reap];

/** The exit code for "could not do it", apart from what a command finds. */
const COULD_NOT = 2;

const HELP = `nestjs-anonymous <command> [options]

${COMMANDS.map(({ name, summary }) => `  ${name.padEnd(16)}${summary}`).join('\n')}

  --version       the version of this package
  --help          this text; with a command, its options
`;

/** Runs one command line. @returns the exit code. */
export async function runCommandLine(
  argv: readonly string[],
  terminal: Terminal,
  cwd: string,
): Promise<number> {
  const [name = '', ...args] = argv;
  try {
    if (['--version', '-v'].includes(name)) {
      terminal.write(`${ownVersion()}\n`);
      return 0;
    }
    if (['--help', '-h', 'help'].includes(name)) {
      terminal.write(HELP);
      return 0;
    }
    const command = COMMANDS.find((candidate) => candidate.name === name);
    if (!command) {
      throw new CliError(
        `${name === '' ? 'name a command' : `there is no command ${name}`}: see nestjs-anonymous --help`,
      );
    }
    return await command.run(args, terminal, cwd);
  } catch (error) {
    return couldNot(error, terminal);
  }
}

/** One line, and the whole story for those who ask. */
export function couldNot(error: unknown, terminal: Terminal): number {
  terminal.complain(`nestjs-anonymous: ${reasonOf(error).replace(/^nestjs-anonymous: /, '')}\n`);
  if (process.env.DEBUG) terminal.complain(`${inspect(error)}\n`);
  return COULD_NOT;
}
