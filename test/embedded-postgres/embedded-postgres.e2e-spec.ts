import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';

interface Program {
  process: ChildProcessByStdio<Writable, Readable, Readable>;
  server: { url: string; dataDir: string; pid: number };
}

/** Where TEST_DATABASE_URL is given, this machine may have no embedded PostgreSQL. */
const describeEmbedded = process.env.TEST_DATABASE_IS_EMBEDDED ? describe : describe.skip;

describeEmbedded('startEmbeddedPostgres', () => {
  const started: Program['process'][] = [];
  const folders = new Set<string>();

  afterEach(async () => {
    await Promise.all(started.splice(0).map(end));
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    folders.clear();
  });

  it('keeps committed rows when its program is killed', async () => {
    const dataDir = temporaryFolder();
    const first = await start({ dataDir });
    await query(first, 'CREATE TABLE note (body text)');
    await query(first, `INSERT INTO note VALUES ('written before the kill')`);

    await kill(first);
    const second = await start({ dataDir });

    expect(await query(second, 'SELECT body FROM note')).toEqual([
      { body: 'written before the kill' },
    ]);
    expect(new URL(second.server.url).password).toBe(new URL(first.server.url).password);
    expect(await query(second, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
  });

  it('removes a temporary cluster when its program is killed', async () => {
    const program = await start({});
    await kill(program);
    await eventually(() => !isAlive(program.server.pid) && !existsSync(program.server.dataDir));
  });

  it('keeps a temporary cluster in memory when asked to, where there is room', async () => {
    const program = await start({ inMemory: true });
    expect(program.server.dataDir.startsWith('/dev/shm/')).toBe(hasMemoryToSpare());
    expect(await query(program, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await kill(program);
    await eventually(() => !existsSync(program.server.dataDir));
  });

  it('runs two servers at once', async () => {
    const programs = await Promise.all([start({}), start({})]);
    const ports = await Promise.all(programs.map((program) => query(program, 'SHOW port')));
    expect(ports[0]).not.toEqual(ports[1]);
  });

  it('refuses a data folder that another program uses', async () => {
    const dataDir = temporaryFolder();
    const { server } = await start({ dataDir });
    await expect(start({ dataDir })).rejects.toThrow(
      `in use by another server, process ${server.pid}`,
    );
  });

  it('lets nobody in without the password', async () => {
    const { server } = await start({});
    const url = new URL(server.url);
    url.password = 'guess';
    await expect(new Client(url.href).connect()).rejects.toMatchObject({ code: '28P01' });
  });

  async function start(options: { dataDir?: string; inMemory?: boolean }): Promise<Program> {
    const script = join(import.meta.dirname, 'server-process.mjs');
    const child = spawn(process.execPath, [script, JSON.stringify(options)], { stdio: 'pipe' });
    started.push(child);
    const errors = text(child.stderr);
    const [line] = await Promise.race([
      once(createInterface(child.stdout), 'line'),
      once(child, 'exit').then(async () => Promise.reject(new Error(await errors))),
    ]);
    const server: Program['server'] = JSON.parse(line);
    folders.add(server.dataDir);
    return { process: child, server };
  }

  function temporaryFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'embedded-postgres-spec-'));
    folders.add(folder);
    return folder;
  }
});

async function query(program: Program, sql: string): Promise<unknown[]> {
  const client = new Client(program.server.url);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function kill(program: Program): Promise<void> {
  const exited = once(program.process, 'exit');
  program.process.kill('SIGKILL');
  await exited;
}

async function end(child: Program['process']): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.stdin.end();
  await exited;
}

function hasMemoryToSpare(): boolean {
  const enough = 2 * 2 ** 30;
  if (!existsSync('/dev/shm')) return false;
  const { bavail, bsize } = statfsSync('/dev/shm');
  return bavail * bsize >= enough && process.availableMemory() >= enough;
}

async function eventually(isTrue: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error(`not within 10 s: ${String(isTrue)}`);
    await delay(25);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
