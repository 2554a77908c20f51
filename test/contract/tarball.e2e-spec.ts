import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DataSource } from 'typeorm';
import manifest from '../../package.json' with { type: 'json' };
import { anonymousEntities, anonymousMigrations } from '../../src/index.js';
import { HttpClient } from '../support/http-client.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { root } from './library.js';
import { typescriptBlocksOf } from './markdown.js';
import { linkPackages, type PackedLibrary, packLibrary, runIn } from './packed-library.js';

const LONGEST_START_MS = 30_000;
const { dependencies, peerDependencies } = manifest;
/** What `exports` points at. */
const targets = [...JSON.stringify(manifest.exports).matchAll(/"\.\/(dist\/[^"]+)"/g)].map(
  ([, file]) => file!,
);

let packed: PackedLibrary;
beforeAll(async () => {
  packed = await packLibrary();
}, 180_000);
afterAll(() => packed?.remove());

describe('the packed library', () => {
  it('has the build, the docs, and what npm shows, and nothing else', () => {
    const top = new Set(packed.files.map((file) => file.split('/')[0]));
    const named = manifest.files.filter((name) => !name.startsWith('!'));
    expect(top).toEqual(new Set([...named, 'package.json']));
    const docs = packed.files.filter((file) => file.startsWith('docs/'));
    expect(docs.filter((file) => !file.endsWith('.md'))).toEqual([]);
  });

  it('has every source file built, with its types, and nothing from an earlier build', () => {
    const modules = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
      .map((name) => `dist/${name.replaceAll('\\', '/').slice(0, -'.ts'.length)}`);
    const built = packed.files.filter(
      (file) => /^dist\/.*\.(js|ts)$/.test(file) && !file.includes('/esm/'),
    );
    const expected = modules.flatMap((name) => [`${name}.js`, `${name}.d.ts`]);
    expect(built.toSorted()).toEqual(expected.toSorted());
    const facades = packed.files.filter((file) => /\.m(js|ts)$/.test(file));
    expect(targets.filter((file) => /\.m(js|ts)$/.test(file)).toSorted()).toEqual(
      facades.toSorted(),
    );
  });

  it('has what its manifest points at', () => {
    const programs = Object.values(manifest.bin).map((file) => file.slice('./'.length));
    for (const target of [...programs, ...targets]) expect(packed.files).toContain(target);
  });

  it('declares every package that it imports, and depends on none that it does not', () => {
    const imported = new Set(
      packed.files
        .filter((file) => /\.m?js$/.test(file))
        .map((file) => readFileSync(join(packed.path, file), 'utf8'))
        .flatMap((code) => [
          ...code.matchAll(
            /(?:\b(?:require|import)\(|^(?:import|export) [^"'\n]*)["']([^"'.\n][^"'\n]*)["']/gm,
          ),
        ])
        .map(([, specifier]) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier!)![0])
        .filter((name) => !isBuiltin(name)),
    );
    const declared = new Set(Object.keys({ ...dependencies, ...peerDependencies }));
    expect([...imported].filter((name) => !declared.has(name))).toEqual([]);
    expect(Object.keys(dependencies).filter((name) => !imported.has(name))).toEqual([]);
  });

  it('tells nothing about the machine that built it', () => {
    const telling = packed.files.filter((file) =>
      readFileSync(join(packed.path, file), 'utf8').includes(packed.folder),
    );
    expect(telling).toEqual([]);
  });
});

/** The first block of the README as an app of its own: built by tsc, run by Node as ES modules. */
describe('a new app with the packed library', () => {
  let database: TestDatabase;
  let server: ChildProcess;
  let url: string;
  let app: string;

  beforeAll(async () => {
    app = join(packed.folder, 'app');
    writeApp(app);
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    database = await createTestDatabase();
    await Promise.all([
      runIn(app, process.execPath, [tsc, '-p', app]),
      createHostTables(database.url),
    ]);
    server = spawn(process.execPath, ['dist/main.js'], {
      cwd: app,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, DATABASE_URL: database.url, AUTH_SECRET: 'x'.repeat(32) },
    });
    url = await addressOf(server);
  }, 180_000);

  afterAll(async () => {
    if (server?.exitCode === null && server.signalCode === null) {
      server.kill('SIGKILL');
      await once(server, 'exit');
    }
    await database?.drop();
  });

  it('issues a guest', async () => {
    const answer = await new HttpClient(url).post('/auth/anonymous');
    expect(answer).toMatchObject({ status: 201, body: { user: { isAnonymous: true } } });
  });

  it("issues a guest inside the host's own route, and lets it sign up with the same id", async () => {
    const browser = new HttpClient(url, { origin: 'https://app.example' });
    const pet = await browser.post('/pets', { name: 'Rex' });
    expect(pet).toMatchObject({ status: 201, body: { isGuest: true } });
    const body = { email: 'ada@example.com', password: 'correct horse battery' };
    expect(await browser.post('/auth/sign-up/email', body)).toMatchObject({
      status: 200,
      body: { user: { id: pet.body.owner, isAnonymous: false } },
    });
  });

  it('is examined by the command of the package, which finds what the tables lack', async () => {
    const program = join(app, 'node_modules/nestjs-anonymous', manifest.bin['nestjs-anonymous']);
    const args = ['doctor', '--app', 'dist/app.module.js', '--json'];
    const { code, stdout } = await new Promise<{ code: unknown; stdout: string }>((resolve) => {
      const env = { ...process.env, DATABASE_URL: database.url, AUTH_SECRET: 'x'.repeat(32) };
      execFile(process.execPath, [program, ...args], { cwd: app, env }, (error, out) =>
        resolve({ code: error?.code ?? 0, stdout: out }),
      );
    });
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({
      code: 1,
      tables: [{ table: 'pet' }, { table: 'wallet', decision: { kind: 'combine' } }],
      findings: [{ line: 'CREATE INDEX CONCURRENTLY ON public.pet (user_id);' }],
    });
  });

  it('stops when it is told to', async () => {
    server.kill('SIGTERM');
    const [code, signal] = (await once(server, 'exit')) as [number | null, string | null];
    expect(code ?? signal).toBe('SIGTERM');
  });

  function writeApp(folder: string): void {
    linkPackages(folder, packed, ['@nestjs/platform-express', '@types/node']);
    mkdirSync(join(folder, 'src'));
    writeFileSync(
      join(folder, 'src/app.module.ts'),
      [...typescriptBlocksOf('README.md').values()][0]!,
    );
    writeFileSync(join(folder, 'src/main.ts'), main);
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', private: true }));
  }
});

const main = `
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule, { logger: ['error'] });
app.enableShutdownHooks();
await app.listen(0, '127.0.0.1');
console.log('ready at', await app.getUrl());
`;

const tsconfig = {
  compilerOptions: {
    target: 'ES2023',
    module: 'nodenext',
    strict: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    // Every declaration is checked, those of the library above all.
    skipLibCheck: false,
    types: ['node'],
    rootDir: 'src',
    outDir: 'dist',
  },
  include: ['src'],
};

/** The README leaves the host's own migrations to the host. */
async function createHostTables(databaseUrl: string): Promise<void> {
  const dataSource = await new DataSource({
    type: 'postgres',
    url: databaseUrl,
    entities: anonymousEntities(),
    migrations: anonymousMigrations(),
    migrationsRun: true,
  }).initialize();
  await dataSource.query(`
    CREATE TABLE pet (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES users, name text NOT NULL);
    CREATE TABLE wallet (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL UNIQUE REFERENCES users, credits int NOT NULL)`);
  await dataSource.destroy();
}

async function addressOf(server: ChildProcess): Promise<string> {
  const lines = createInterface({ input: server.stdout! });
  const timer = setTimeout(() => server.kill('SIGKILL'), LONGEST_START_MS);
  try {
    for await (const line of lines) {
      const [, url] = /^ready at (.+)$/.exec(line) ?? [];
      if (url !== undefined) return url;
    }
    throw new Error('the app ended before it was ready');
  } finally {
    clearTimeout(timer);
  }
}
