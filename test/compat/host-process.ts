import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const LONGEST_START_MS = 60_000;
const LONGEST_STOP_MS = 15_000;

/** A host that runs. */
export class HostProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    /** Whether the ES modules of the host and its CommonJS got the same library. */
    readonly isOneCopy: boolean,
    private readonly printed: string[],
  ) {}

  /** @throws when the host ends before it listens, with what it printed. */
  static async start(cwd: string, env: Record<string, string>): Promise<HostProcess> {
    const child = spawn(process.execPath, ['dist/main.js'], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const printed: string[] = [];
    child.stderr.setEncoding('utf8').on('data', (text: string) => printed.push(text));
    const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_START_MS);
    try {
      for await (const line of createInterface({ input: child.stdout })) {
        const [, url, copies] = /^ready at (\S+?)(?: with (.+))?$/.exec(line) ?? [];
        if (url) return new HostProcess(child, url, copies === 'one copy', printed);
        printed.push(`${line}\n`);
      }
    } finally {
      clearTimeout(timer);
    }
    throw new Error(`the host does not start:\n${printed.join('')}`);
  }

  /** Ends it as a platform would. @returns what it had to say while it ran: warnings, above all. */
  async stop(): Promise<string> {
    const timer = setTimeout(() => this.child.kill('SIGKILL'), LONGEST_STOP_MS);
    const closed = once(this.child, 'close');
    this.child.kill('SIGTERM');
    const [, signal] = (await closed) as [number | null, NodeJS.Signals | null];
    clearTimeout(timer);
    if (signal === 'SIGKILL') this.printed.push('it did not stop by itself\n');
    return this.printed.join('');
  }
}
