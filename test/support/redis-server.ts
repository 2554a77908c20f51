import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A Redis server for one test file, on a free port of this machine. */
export class RedisServer {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    readonly port: number,
  ) {}

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** @param port that of one which has been stopped. */
  static async start(port?: number): Promise<RedisServer> {
    const chosen = port ?? (await freePort());
    const folder = mkdtempSync(join(tmpdir(), 'redis-'));
    const settings = { port: chosen, bind: '127.0.0.1', dir: folder, save: '', appendonly: 'no' };
    const child = spawn(
      'redis-server',
      Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const failed = Promise.race([
      once(child, 'error').then(([error]) => error as Error),
      once(child, 'exit').then(([code]) => new Error(`it exited with code ${code}`)),
    ]).then((cause: Error) => {
      throw new Error(
        'redis-server does not start. These tests need it: apt-get install redis-server, or brew install redis',
        { cause },
      );
    });
    failed.catch(() => undefined);
    await Promise.race([ready(child), failed]);
    return new RedisServer(child, folder, chosen);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const gone = once(this.child, 'exit');
      this.child.kill('SIGKILL');
      await gone;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function ready({ stdout }: ChildProcess): Promise<void> {
  for await (const line of createInterface(stdout!)) {
    if (line.includes('Ready to accept connections')) break;
  }
  stdout!.resume();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
