import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { adoptedFiles, writeFiles } from '../adoption/adopted-host.js';
import { install, run } from './installed.js';
import type { HostKind } from './rows.js';

const source = join(import.meta.dirname, 'host');

/** Writes a host as its kind demands, installs its packages and compiles it to `dist`. */
export async function makeHost(folder: string, kind: HostKind, tarball: string): Promise<void> {
  await install(folder, packagesOf(kind, tarball), kind.format === 'cjs' ? 'commonjs' : 'module');
  if (kind.isAdopted) writeFiles(folder, adoptedFiles());
  else writeSource(folder, kind);
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfigOf(kind)));
  if (!kind.isJest) await compile(folder);
}

function packagesOf({ adapter, packages }: HostKind, tarball: string): Record<string, string> {
  const other = adapter === 'express' ? 'fastify' : 'express';
  // The other adapter stays away: the library must not need it.
  const { [`@nestjs/platform-${other}`]: _, ...wanted } = packages;
  return { 'nestjs-anonymous': `file:${tarball}`, '@types/node': '^20.19.0', ...wanted };
}

function writeSource(folder: string, { adapter, format, resolution, isJest }: HostKind): void {
  const src = join(folder, 'src');
  cpSync(join(source, 'adapters', `${adapter}.ts`), join(src, 'adapter.ts'));
  for (const name of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    const isLeft = !name.endsWith('.ts') || name.startsWith('adapters');
    if (isLeft || (name === 'app.spec.ts' && !isJest)) continue;
    const text = readFileSync(join(source, name), 'utf8');
    mkdirSync(join(src, name, '..'), { recursive: true });
    // Hosts that do not resolve like Node write no endings.
    const isNode = resolution === 'nodenext' || format !== 'cjs';
    writeFileSync(join(src, name), isNode ? text : text.replaceAll(/(from '\.[^']*)\.js'/g, "$1'"));
  }
  if (format !== 'mixed') return;
  for (const features of [join(src, 'features'), join(folder, 'dist/features')]) {
    mkdirSync(features, { recursive: true });
    writeFileSync(join(features, 'package.json'), '{ "type": "commonjs" }');
  }
}

function tsconfigOf({ resolution, isJest }: HostKind): object {
  const lookup = {
    node10: { module: 'commonjs', moduleResolution: 'node10' },
    nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
    bundler: { module: 'esnext', moduleResolution: 'bundler' },
  }[resolution];
  return {
    compilerOptions: {
      ...lookup,
      target: 'ES2023',
      strict: true,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      esModuleInterop: true,
      // The declarations of old packages have mistakes of their own; those of the library must have none.
      skipLibCheck: false,
      types: isJest ? ['node', 'jest'] : ['node'],
      rootDir: 'src',
      outDir: 'dist',
    },
    include: ['src'],
  };
}

async function compile(folder: string): Promise<void> {
  const tsc = join(folder, 'node_modules/typescript/bin/tsc');
  const { out } = await run(folder, process.execPath, [tsc, '--pretty', 'false']);
  const ours = out
    .split('\n')
    .filter((line) => /^\S.*error TS/.test(line))
    .filter((line) => !/^node_modules\/(?!nestjs-anonymous\/)/.test(line));
  if (ours.length > 0) throw new Error(`it does not compile:\n${ours.join('\n')}`);
}
