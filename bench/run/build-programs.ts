import { transformFileSync } from '@swc/core';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { swcOptions } from '../../scripts/build/swc-options.mjs';

const bench = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['programs', 'load'];

/**
 * Compiles the contenders and the load generator, so that they run as they would in production: plain JavaScript, no loader,
 * and the library as it is published.
 * @returns the folder of the programs.
 */
export function buildPrograms(): string {
  const target = path.join(bench, '.programs');
  fs.rmSync(target, { recursive: true, force: true });
  for (const folder of FOLDERS) {
    fs.mkdirSync(path.join(target, folder), { recursive: true });
    for (const file of fs.readdirSync(path.join(bench, folder))) {
      const { code } = transformFileSync(
        path.join(bench, folder, file),
        swcOptions('typescript', 'es6'),
      );
      fs.writeFileSync(path.join(target, folder, file.replace(/\.ts$/, '.js')), code);
    }
  }
  const library = path.join(target, 'programs', 'library.js');
  fs.writeFileSync(library, "export * from 'nestjs-anonymous';\n");
  return path.join(target, 'programs');
}
