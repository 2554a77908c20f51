import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './library.js';
import { linkPackages, type PackedLibrary, packLibrary, runIn } from './packed-library.js';

let packed: PackedLibrary;
let host: string;
beforeAll(async () => {
  packed = await packLibrary();
  host = join(packed.folder, 'host');
  mkdirSync(host);
  linkPackages(host, packed, ['@types/node']);
}, 180_000);
afterAll(() => packed?.remove());

function write(name: string, text: string): void {
  writeFileSync(join(host, name), text);
}

/** What a host does that is partly ES modules and partly CommonJS; so are many once they move to Nest 12. */
describe('import and require of the library', () => {
  it('get the same things, on the same Nest and TypeORM, without a warning', async () => {
    write(
      'both.mjs',
      `import { createRequire } from 'node:module';
       import { HttpException } from '@nestjs/common';
       import { DataSource } from 'typeorm';
       import * as imported from 'nestjs-anonymous';
       const required = createRequire(import.meta.url)('nestjs-anonymous');
       const names = Object.keys(required);
       const dataSource = new DataSource({ type: 'postgres', entities: imported.anonymousEntities() });
       await dataSource.buildMetadatas();
       console.log(JSON.stringify({
         isComplete: names.length > 20 && names.length === Object.keys(imported).length,
         different: names.filter((name) => imported[name] !== required[name]),
         isNestsException: new required.AnonymousException('UNAUTHORIZED') instanceof HttpException,
         hasEntities: dataSource.hasMetadata(required.User),
       }));`,
    );
    const { stdout, stderr } = await runIn(host, process.execPath, ['both.mjs']);
    expect(JSON.parse(stdout)).toEqual({
      isComplete: true,
      different: [],
      isNestsException: true,
      hasEntities: true,
    });
    expect(stderr).toBe('');
  });

  it('load from a CommonJS program without a warning', async () => {
    write('only.cjs', `console.log(typeof require('nestjs-anonymous').AnonymousModule.forRoot);`);
    const { stdout, stderr } = await runIn(host, process.execPath, ['only.cjs']);
    expect({ stdout, stderr }).toEqual({ stdout: 'function\n', stderr: '' });
  });

  it('have the same types', async () => {
    // Classes with private members: two declarations of one would not be assignable.
    const uses = `import { GuestsService, type Principal } from 'nestjs-anonymous';
      export const service: new (...args: never[]) => GuestsService = GuestsService;
      export const principal: Principal = { userId: '1', isAnonymous: true, sessionId: '2' };`;
    write('required.cts', uses);
    write('imported.mts', uses);
    write(
      'together.mts',
      `import * as imported from './imported.mjs';
       import * as required from './required.cjs';
       export const services = [imported.service, required.service] satisfies (typeof imported.service)[];
       export const principals: (typeof required.principal)[] = [imported.principal];
       // @ts-expect-error the declarations are found, so this is no \`any\`
       export const wrong: number = imported.principal;`,
    );
    write(
      'tsconfig.json',
      JSON.stringify({
        compilerOptions: {
          target: 'ES2023',
          module: 'nodenext',
          types: ['node'],
          strict: true,
          noEmit: true,
        },
        files: ['together.mts'],
      }),
    );
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    await expect(runIn(host, process.execPath, [tsc, '-p', host])).resolves.toBeDefined();
  }, 120_000);
});
