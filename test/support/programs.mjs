import { transformFileSync } from '@swc/core';
import { cpSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { swcOptions } from '../../scripts/build/swc-options.mjs';
import { filesBelow } from './files-below.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const target = join(root, 'test', '.programs');
const SOURCES = ['src', 'examples', 'test', 'scripts', 'package.json'];
const LEFT_OUT = /(^|\/)\.(programs|groups)(\/|$)|\.e2e-spec\.ts$/;

/**
 * Compiles what tests run as processes of their own, once for the run and only what has changed since the last one. A
 * loader that compiles each module when a process asks for it costs every process seconds.
 */
export function compilePrograms() {
  const wanted = new Set(SOURCES.flatMap(filesOf));
  for (const file of wanted) {
    if (isOlder(join(target, file), join(root, file))) copy(file);
  }
  for (const file of filesBelow(target)) {
    if (!wanted.has(file.replace(/\.js$/, '.ts')) && !wanted.has(file)) rmSync(join(target, file));
  }
}

function filesOf(source) {
  if (statSync(join(root, source)).isFile()) return [source];
  return filesBelow(join(root, source))
    .map((file) => join(source, file))
    .filter((file) => !LEFT_OUT.test(file));
}

const isOlder = (copied, original) =>
  (statSync(copied, { throwIfNoEntry: false })?.mtimeMs ?? 0) < statSync(original).mtimeMs;

/** The source goes along: what bundles it asks for it. It comes last, so that its time tells that both are there. */
function copy(file) {
  const [from, to] = [join(root, file), join(target, file)];
  mkdirSync(dirname(to), { recursive: true });
  if (/(?<!\.d)\.ts$/.test(file)) {
    const { code } = transformFileSync(from, swcOptions('typescript', 'es6'));
    writeFileSync(to.replace(/\.ts$/, '.js'), code);
  }
  cpSync(from, to);
}
