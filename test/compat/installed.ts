import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How a program ended, and all that it printed. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a program to its end, or cuts it off. */
export async function run(
  cwd: string,
  program: string,
  args: readonly string[],
  { env = {}, longestMs = 240_000 }: { env?: Record<string, string>; longestMs?: number } = {},
): Promise<Ended> {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: longestMs,
    killSignal: 'SIGKILL',
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

/** The same, for what has to succeed. @throws with everything that it printed. */
export async function succeed(...call: Parameters<typeof run>): Promise<string> {
  const { code, out, err } = await run(...call);
  if (code === 0) return out;
  throw new Error(`${call[1]} ${call[2].join(' ')} ended with ${code}:\n${out}${err}`);
}

/** Makes a folder with these packages in it, as npm resolves them. A conflict of peers is an error. */
export async function install(
  folder: string,
  dependencies: Readonly<Record<string, string>>,
  type: 'commonjs' | 'module' = 'commonjs',
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const manifest = { name: 'host', version: '1.0.0', private: true, type, dependencies };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  const quietly = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel', 'error'];
  await succeed(folder, 'npm', ['install', ...quietly]);
}
