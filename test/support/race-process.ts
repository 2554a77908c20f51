import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { createInterface } from 'node:readline';
import { HttpClient } from './http-client.js';
import { ORIGIN } from './test-app.js';

const started = new Set<ChildProcess>();

/** An instance of a test's app in a process of its own, which the test may kill. Its first line is its address. */
export class RaceProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  /** @param variables its environment, beside what a program needs to run at all. */
  static async start(
    file: string,
    variables: Readonly<Record<string, string>>,
  ): Promise<RaceProcess> {
    const { PATH, HOME, TMPDIR } = process.env;
    const child = spawn(process.execPath, ['--import', '@swc-node/register/esm-register', file], {
      env: { PATH, HOME, TMPDIR, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started.add(child);
    const errors = text(child.stderr);
    const ended = once(child, 'close').then(async () => {
      throw new Error(`the process did not start: ${await errors}`);
    });
    const [url] = (await Promise.race([
      once(createInterface(child.stdout), 'line'),
      ended,
    ])) as string[];
    ended.catch(() => undefined);
    return new RaceProcess(child, url!);
  }

  browser(): HttpClient {
    return new HttpClient(this.url, { origin: ORIGIN });
  }

  /** `kill -9`: it can neither finish nor tidy up anything. */
  kill(): Promise<void> {
    return killed(this.child);
  }
}

/** For `afterEach`: no process outlives its test. */
export async function killRaceProcesses(): Promise<void> {
  await Promise.all([...started].map(killed));
}

async function killed(child: ChildProcess): Promise<void> {
  started.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
