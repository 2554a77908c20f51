import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';
import manifest from '../../package.json' with { type: 'json' };
import { HttpClient } from '../support/http-client.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { root } from './library.js';
import { typescriptBlocksOf } from './markdown.js';
import { linkPackages, type PackedLibrary, packLibrary, runIn } from './packed-library.js';

const LONGEST_START_MS = 30_000;
const { dependencies, peerDependencies } = manifest;
const ada = { email: 'ada@example.com', password: 'correct horse battery' };
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
    await runIn(app, process.execPath, [tsc, '-p', app]);
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

  it('does what the README does with it in two browsers', async () => {
    const [laptop, phone] = [browser(), browser()];
    const park = await laptop.request('PUT', '/favourites/park');
    expect(park).toMatchObject({ status: 200, body: { venue: 'park' } });
    expect(await laptop.post('/auth/sign-up/email', ada)).toMatchObject({
      status: 200,
      body: { user: { id: park.body.userId, isAnonymous: false } },
    });

    const cafe = await phone.request('PUT', '/favourites/cafe');
    expect(cafe.body.userId).not.toBe(park.body.userId);
    await phone.request('PUT', '/favourites/park');
    expect(await phone.post('/auth/sign-in/email', ada)).toMatchObject({
      status: 200,
      body: {
        link: {
          status: 'merged',
          receipt: { tables: { favourite: { moved: 1, folded: 0, dropped: 1 } } },
        },
      },
    });
    const { body: favourites } = await phone.get('/favourites');
    expect(favourites).toHaveLength(2);
    expect(favourites).toEqual((await laptop.get('/favourites')).body);
  });

  it('is examined by the command of the package, which finds what a new table lacks', async () => {
    expect(await doctor()).toMatchObject({
      code: 0,
      tables: [{ table: 'favourite', decision: { kind: 'keepAccount' } }],
      findings: [],
    });
    await createNotes(database.url);
    expect(await doctor()).toMatchObject({
      code: 1,
      tables: [{ table: 'favourite' }, { table: 'note', decision: { kind: 'reassign' } }],
      findings: [{ line: 'CREATE INDEX CONCURRENTLY ON public.note (user_id);' }],
    });
  });

  it('stops when it is told to', async () => {
    server.kill('SIGTERM');
    const [code, signal] = (await once(server, 'exit')) as [number | null, string | null];
    expect(code ?? signal).toBe('SIGTERM');
  });

  const browser = () => new HttpClient(url, { origin: 'http://localhost:3000' });

  async function doctor(): Promise<object> {
    const program = join(app, 'node_modules/nestjs-anonymous', manifest.bin['nestjs-anonymous']);
    const args = ['doctor', '--app', 'dist/app.module.js', '--json'];
    const { code, stdout } = await new Promise<{ code: unknown; stdout: string }>((resolve) => {
      const env = { ...process.env, DATABASE_URL: database.url, AUTH_SECRET: 'x'.repeat(32) };
      execFile(process.execPath, [program, ...args], { cwd: app, env }, (error, out) =>
        resolve({ code: error?.code ?? 0, stdout: out }),
      );
    });
    return { code, ...JSON.parse(stdout) };
  }

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

/** Without the index that a merge needs. */
async function createNotes(databaseUrl: string): Promise<void> {
  const client = new Client(databaseUrl);
  await client.connect();
  await client.query('CREATE TABLE note (id serial PRIMARY KEY, user_id uuid REFERENCES users)');
  await client.end();
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
