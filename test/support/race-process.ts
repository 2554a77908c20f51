import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { HttpClient } from './http-client.js';
import { programOf } from './program.js';
import { ORIGIN } from './test-app.js';

const started = new Set<ChildProcess>();

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
  readonly errors: string[];
}

/** An instance of a test's app in a process of its own, which the test may kill. Its first line is its address. */
export class RaceProcess {
  private constructor(private readonly running: Running) {}

  /** @param variables its environment, beside what a program needs to run at all. */
  static async start(
    file: string,
    variables: Readonly<Record<string, string>>,
  ): Promise<RaceProcess> {
    const { PATH, HOME, TMPDIR } = process.env;
    const child = spawn(process.execPath, [programOf(file)], {
      env: { PATH, HOME, TMPDIR, ...variables },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    started.add(child);
    const errors: string[] = [];
    child.stderr!.setEncoding('utf8').on('data', (text: string) => errors.push(text));
    const ended = once(child, 'close').then(() => {
      throw new Error(`the process did not start: ${errors.join('')}`);
    });
    const [url] = (await Promise.race([
      once(createInterface(child.stdout!), 'line'),
      ended,
    ])) as string[];
    ended.catch(() => undefined);
    return new RaceProcess({ child, url: url!, errors });
  }

  get url(): string {
    return this.running.url;
  }

  /** What it has written to stderr. */
  get errors(): string {
    return this.running.errors.join('');
  }

  get isRunning(): boolean {
    const { exitCode, signalCode } = this.running.child;
    return exitCode === null && signalCode === null;
  }

  browser(): HttpClient {
    return new HttpClient(this.url, { origin: ORIGIN });
  }

  /** Asks something of it; resolves with its answer. */
  async tell(request: Readonly<Record<string, unknown>>): Promise<unknown> {
    const { child } = this.running;
    const id = Math.random();
    const answered = new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        child.off('message', hear).off('exit', end);
        act();
      };
      const hear = (message: { id?: number; answer?: unknown }) => {
        if (message.id === id) settle(() => resolve(message.answer));
      };
      const end = () => settle(() => reject(new Error('the process has ended')));
      child.on('message', hear).once('exit', end);
    });
    child.send({ id, ...request });
    return answered;
  }

  /** `kill -9`: it can neither finish nor tidy up anything. */
  kill(): Promise<void> {
    return killed(this.running.child);
  }

  /** SIGSTOP: it stands still, with everything that it holds. */
  pause(): void {
    this.running.child.kill('SIGSTOP');
  }

  resume(): void {
    this.running.child.kill('SIGCONT');
  }

  /** SIGTERM, as a deploy does it. @returns the exit code. */
  async terminate(): Promise<number | null> {
    const { child } = this.running;
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    const [code] = await closed;
    started.delete(child);
    return code as number | null;
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
