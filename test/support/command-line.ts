import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { runCommandLine } from '../../src/cli/cli.js';
import { programOf, PROGRAMS } from './program.js';

const root = join(import.meta.dirname, '../..');
export const LONGEST_RUN_MS = 60_000;

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The command as a process of its own, as an ES module. An app that it is told of is compiled, too. */
export function runProcess(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Run> {
  const compiled = args.map((arg) => arg.replace(/\.ts(?=$|#)/, '.js'));
  const program = [programOf('src/cli/main.ts'), ...compiled];
  return new Promise((resolve) => {
    const options = { cwd: PROGRAMS, env: { ...process.env, ...env }, timeout: LONGEST_RUN_MS };
    execFile(process.execPath, program, options, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}

/** The same inside this process, for what needs no app. */
export async function answer(...argv: string[]): Promise<Run> {
  let [out, err] = ['', ''];
  const terminal = {
    write: (text: string) => void (out += text),
    complain: (text: string) => void (err += text),
    end: () => Promise.resolve(),
    isColoured: false,
    width: 80,
  };
  const code = await runCommandLine(argv, terminal, root);
  return { code, out, err };
}
