// PostgreSQL refuses to run as root, and containers and CI often are root. Then it runs as an account that is already
// there: creating one is not a library's business.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** @typedef {{ uid?: number, gid?: number }} Account  Spread into spawn options; empty means "stay who we are". */

const isRoot = () => process.getuid?.() === 0;

/** @returns {Account} */
export function unprivilegedAccount() {
  if (!isRoot()) return {};
  for (const name of ['postgres', '_postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) => idOf(flag, name));
    if (uid && gid !== undefined) return { uid, gid };
  }
  throw new Error(
    'it cannot run as root, and there is no user "postgres" or "nobody" to run it as',
  );
}

/**
 * Data can only be opened by the account that made it, so an existing folder decides.
 * @returns {Account}
 */
export function accountFor(folder) {
  const owner = fs.statSync(folder, { throwIfNoEntry: false });
  if (!owner || process.getuid === undefined) return unprivilegedAccount();
  if (!isRoot() && owner.uid !== process.getuid()) {
    throw new Error(
      `${folder} belongs to user id ${owner.uid}: it was made by another user (or by root). Start as that user, or delete the folder`,
    );
  }
  return isRoot() && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : unprivilegedAccount();
}

/** Whether the account can enter the folder: not so in root's home, below any 0700 folder, or in a fresh mkdtemp. */
export function canEnter(folder, account) {
  if (account.uid === undefined) return true;
  return spawnSync('test', ['-x', folder], { ...account, cwd: '/', stdio: 'ignore' }).status === 0;
}

/**
 * A temporary folder that the account can enter; TMPDIR may well be private to root.
 * @param {Account} account
 * @param {string} [preferred] where it had better be
 */
export function temporaryFolder(account, preferred) {
  const parents = [preferred, os.tmpdir(), '/tmp', '/var/tmp'].filter(Boolean);
  const parent = parents.find((folder) => canEnter(folder, account));
  if (!parent) throw new Error(`user id ${account.uid} can enter no temporary folder`);
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(parent), 'embedded-postgres-'));
  openToAll(folder, account);
  return folder;
}

/** Lets the account pass through a folder that root keeps. */
export function openToAll(folder, account) {
  if (account.uid !== undefined) fs.chmodSync(folder, 0o755);
}

export function giveTo(account, ...files) {
  if (account.uid === undefined) return;
  for (const file of files) fs.chownSync(file, account.uid, account.gid);
}

function idOf(flag, name) {
  const { status, stdout } = spawnSync('id', [flag, name], { encoding: 'utf8' });
  return status === 0 ? Number(stdout) : undefined;
}
