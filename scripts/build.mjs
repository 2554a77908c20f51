// Makes dist: one CommonJS copy of the library, and ES modules that hand out its exports. An app that reaches the package
// both ways then has one set of classes, injection tokens and decorators (docs/adr/0005-one-copy-two-formats.md).
import { transformFileSync } from '@swc/core';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { entriesOf, esmFile, manifestParts, moduleFolder } from './build/entries.mjs';
import { swcOptions } from './build/swc-options.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const src = path.join(root, 'src');
const dist = path.join(root, 'dist');
const entries = entriesOf(root);

checkManifest();
fs.rmSync(dist, { recursive: true, force: true });
writeDeclarations();
for (const file of sourceFiles(src)) transform(file, src, dist, 'commonjs');
write('package.json', json({ type: 'commonjs' }));
for (const entry of entries) {
  write(`${entry.file}.d.mts`, `export * from './index.js';\n`);
  if (entry.esm === 'facade') writeFacade(entry);
  else writeModules(entry);
  await checkEntry(entry);
}

/** A subpath that package.json forgets cannot be imported, whatever is in dist. */
function checkManifest() {
  const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  for (const [name, part] of Object.entries(manifestParts(entries))) {
    if (isDeepStrictEqual(manifest[name], part)) continue;
    throw new Error(`package.json does not fit src. Write "${name}": ${json(part)}`);
  }
}

function writeDeclarations() {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const { status } = spawnSync(
    process.execPath,
    [tsc, '-p', path.join(root, 'tsconfig.build.json')],
    { stdio: 'inherit' },
  );
  if (status !== 0) process.exit(status ?? 1);
}

function sourceFiles(folder) {
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'));
}

function transform(file, from, to, format) {
  const options = swcOptions('typescript', format);
  const source = path.join(from, file);
  const target = path.join(to, file.replace(/\.ts$/, '.js'));
  const { code, map } = transformFileSync(source, {
    ...options,
    // As it stands: require() could not load a host's ES modules.
    module: { ...options.module, ignoreDynamic: true },
    sourceMaps: true,
    sourceFileName: path.relative(path.dirname(target), source).replaceAll('\\', '/'),
  });
  const mapName = `${path.basename(target)}.map`;
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.writeFileSync(target, `${code}//# sourceMappingURL=${mapName}\n`);
  fs.writeFileSync(path.join(path.dirname(target), mapName), map);
}

/** The names are those the CommonJS file really exports, so nothing depends on how well Node guesses them. */
function writeFacade(entry) {
  const names = Object.keys(load(entry)).toSorted();
  const lines = names.map((name) => `export const ${name} = library.${name};\n`);
  write(`${entry.file}.mjs`, `import library from './index.js';\n\n${lines.join('')}`);
}

function writeModules(entry) {
  const folder = path.posix.dirname(entry.file);
  for (const file of sourceFiles(path.join(src, folder))) {
    const text = fs.readFileSync(path.join(src, folder, file), 'utf8');
    const depth = file.split(path.sep).length;
    if (text.includes(`from '${'../'.repeat(depth)}`)) {
      throw new Error(
        `src/${folder}/${file} imports from outside its folder, which is built alone`,
      );
    }
    transform(file, path.join(src, folder), path.join(dist, moduleFolder(entry)), 'es6');
  }
  write(`${moduleFolder(entry)}/package.json`, json({ type: 'module', sideEffects: false }));
}

/** Both formats have the same names, and through a facade the same things. */
async function checkEntry(entry) {
  const required = load(entry);
  const imported = await import(pathToFileURL(path.join(dist, esmFile(entry))).href);
  const namesOf = (module) => Object.keys(module).toSorted();
  const isSame =
    isDeepStrictEqual(namesOf(imported), namesOf(required)) &&
    (entry.esm === 'module' || namesOf(required).every((n) => imported[n] === required[n]));
  if (!isSame) throw new Error(`${entry.subpath}: import and require get different exports`);
}

function load(entry) {
  return createRequire(import.meta.url)(path.join(dist, `${entry.file}.js`));
}

function write(file, text) {
  fs.writeFileSync(path.join(dist, file), text);
}

function json(value) {
  return `${JSON.stringify(value, null, 2)}\n`;
}
