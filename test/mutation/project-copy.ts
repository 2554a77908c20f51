import {
  cpSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../contract/library.js';
import { type Mutant, mutated } from './mutant.js';

/** What the suites read. */
const COPIED = [
  'src',
  'test',
  'examples',
  'scripts',
  'jest.config.mjs',
  'package.json',
  'tsconfig.json',
];

/** The project in a folder of its own, so that nothing ever happens to the one that somebody works on. */
export class ProjectCopy {
  readonly folder = mkdtempSync(join(realpathSync(tmpdir()), 'nestjs-anonymous-mutants-'));

  constructor() {
    for (const name of COPIED)
      cpSync(join(root, name), join(this.folder, name), { recursive: true });
    symlinkSync(realpathSync(join(root, 'node_modules')), join(this.folder, 'node_modules'), 'dir');
  }

  /** Takes one thing out. @returns what puts it back. */
  apply(mutant: Mutant): () => void {
    const path = join(this.folder, mutant.file);
    const source = readFileSync(path, 'utf8');
    writeFileSync(path, mutated(mutant, source));
    return () => writeFileSync(path, source);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
