import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createInterface } from 'node:readline';
import { HttpClient } from '../support/http-client.js';
import { programOf } from '../support/program.js';

const ROOT = join(import.meta.dirname, '..', '..');
const started = new Set<ChildProcess>();

const COMPILED = [programOf('examples/paws/main.ts')];

/** The example in a process of its own. */
export class PawsProcess {
  readonly exitCode: Promise<number | null>;
  readonly errors: Promise<string>;
  private readonly child;

  /** @param program what Node is given to run. */
  constructor(
    readonly variables: Readonly<Record<string, string>>,
    program: readonly string[] = COMPILED,
  ) {
    // Nothing of the developer's own settings; only what a program needs to run at all.
    const { PATH, HOME, TMPDIR } = process.env;
    this.child = spawn(process.execPath, program, {
      cwd: ROOT,
      env: { PATH, HOME, TMPDIR, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started.add(this.child);
    this.errors = text(this.child.stderr);
    this.exitCode = once(this.child, 'close').then(([code]) => code as number | null);
  }

  get origin(): string {
    return `http://127.0.0.1:${this.variables.PORT}`;
  }

  /** Resolves with the line that says where it is; rejects with its errors if it ends before. */
  async ready(): Promise<string> {
    const ended = this.exitCode.then(async () => {
      throw new Error(`the example did not start: ${await this.errors}`);
    });
    const lines = createInterface(this.child.stdout);
    const [line] = await Promise.race([once(lines, 'line'), ended]);
    return line as string;
  }

  /** What Ctrl-C does. @returns the exit code. */
  interrupt(): Promise<number | null> {
    this.child.kill('SIGINT');
    return this.exitCode;
  }

  browser(): HttpClient {
    return new HttpClient(this.origin, { origin: this.origin });
  }
}

/** For `afterEach`: no process outlives its test. */
export async function endProcesses(): Promise<void> {
  await Promise.all(
    [...started].map(async (child) => {
      started.delete(child);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const closed = once(child, 'close');
      child.kill('SIGTERM');
      await closed;
    }),
  );
}

/** Below the range that systems choose from by themselves, so nobody takes it between this look and its use. */
export async function freePort(): Promise<string> {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 18_000);
    const probe = createServer().listen(port, '127.0.0.1');
    const isFree = await Promise.race([
      once(probe, 'listening').then(() => true),
      once(probe, 'error').then(() => false),
    ]).catch(() => false);
    if (!isFree) continue;
    probe.close();
    await once(probe, 'close');
    return String(port);
  }
}
