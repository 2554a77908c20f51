import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import manifest from '../../package.json' with { type: 'json' };
import { root } from './library.js';

const LONGEST_STEP_MS = 120_000;
/** What a fresh checkout has not. */
const leftBehind = new Set(['node_modules', '.git', 'dist', 'coverage', '.data']);

/** What `npm publish` would send, unpacked. */
export interface PackedLibrary {
  /** A temporary folder outside the project, for whatever is made of the package. */
  readonly folder: string;
  /** The unpacked package. */
  readonly path: string;
  readonly files: readonly string[];
  /** The file that npm made. */
  readonly tarball: string;
  remove(): void;
}

/**
 * Packs a copy of the project, so that nobody's `dist` is touched. `npm pack` builds it first, by the project's own
 * `prepack`; a file as an earlier build might have left it is put in its way.
 */
export async function packLibrary(): Promise<PackedLibrary> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'nestjs-anonymous-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const project = join(folder, 'project');
    const isLeft = (name: string) => leftBehind.has(name);
    cpSync(root, project, {
      recursive: true,
      filter: (path) => !relative(root, path).split(sep).some(isLeft),
    });
    symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'), 'junction');
    mkdirSync(join(project, 'dist'));
    writeFileSync(join(project, 'dist/stale.js'), '');
    await runIn(project, 'npm', ['pack', '--silent', '--pack-destination', folder]);
    const [tarball = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
    await runIn(folder, 'tar', ['-xzf', tarball]);
    const path = join(folder, 'package');
    const files = readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(path, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
    return { folder, path, files, tarball: join(folder, tarball), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/**
 * Gives a folder the packages that the library's manifest declares and no more, so that an undeclared import does not start.
 * Nothing is downloaded: they are links to the installed ones, with the library unpacked beside them.
 */
export function linkPackages(folder: string, packed: PackedLibrary, others: string[]): void {
  const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  for (const name of [...declared, ...others]) {
    const path = join(folder, 'node_modules', name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), path, 'junction');
  }
  cpSync(packed.path, join(folder, 'node_modules/nestjs-anonymous'), { recursive: true });
}

/** Runs a program to its end. @throws with everything that it printed. */
export async function runIn(
  cwd: string,
  program: string,
  args: string[],
): Promise<{ stdout: string; stderr: string }> {
  try {
    return await promisify(execFile)(program, args, { cwd, timeout: LONGEST_STEP_MS });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(' ')} failed:\n${stdout ?? ''}${stderr ?? ''}`, {
      cause: error,
    });
  }
}
