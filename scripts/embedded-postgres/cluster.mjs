// The files of a database cluster: where they are, and how they are made the first time.
import { execFile } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { accountFor, canEnter, giveTo, openToAll } from './account.mjs';

/** Inside the folder that the caller names: `cluster/pgdata` is PostgreSQL's, `cluster/password` is ours. */
const CLUSTER = 'cluster';

/**
 * The folder for lasting data, and the account that can use it. Root's checkout is often out of reach for the account
 * PostgreSQL runs as; the data then goes to /var/tmp (unlike /tmp, kept across reboots), named after the folder asked for.
 */
export function lastingHome(dataDir, log) {
  const wanted = path.resolve(dataDir);
  const hash = crypto.createHash('sha256').update(wanted).digest('hex').slice(0, 12);
  const shared = fs.existsSync('/var/tmp') ? '/var/tmp' : os.tmpdir();
  const fallback = path.join(shared, `embedded-postgres-data-${hash}`);

  for (const folder of [wanted, fallback]) {
    const account = accountFor(path.join(folder, CLUSTER, 'pgdata'));
    fs.mkdirSync(folder, { recursive: true });
    if (folder === fallback) claim(folder, account);
    if (!canEnter(folder, account)) continue;
    if (folder === fallback)
      log(`${wanted} is out of reach for user id ${account.uid}: using ${folder}`);
    return { home: fs.realpathSync(folder), account };
  }
  throw new Error(`the user it runs as can enter neither ${wanted} nor ${fallback}`);
}

/** Opens the cluster in `home`, making it if there is none. */
export async function openCluster({ home, account, binaries, durable, env }) {
  const folder = path.join(home, CLUSTER);
  const pgdata = path.join(folder, 'pgdata');
  if (!fs.existsSync(pgdata))
    await createCluster({ home, folder, account, binaries, durable, env });

  const madeBy = fs.readFileSync(path.join(pgdata, 'PG_VERSION'), 'utf8').trim();
  if (madeBy !== binaries.majorVersion) {
    throw new Error(
      `${home} was made by PostgreSQL ${madeBy}, and this is ${binaries.majorVersion}: delete the folder to start afresh`,
    );
  }
  const password = fs.readFileSync(path.join(folder, 'password'), 'utf8').trim();
  return { pgdata, password };
}

/** Works in a folder beside the final one and renames it when complete, so that a crash cannot leave half a cluster. */
async function createCluster({ home, folder, account, binaries, durable, env }) {
  const draft = fs.mkdtempSync(path.join(home, 'new-'));
  openToAll(draft, account);
  const pgdata = path.join(draft, 'pgdata');
  const passwordFile = path.join(draft, 'password');
  fs.mkdirSync(pgdata, { mode: 0o700 });
  fs.writeFileSync(passwordFile, `${crypto.randomBytes(24).toString('hex')}\n`, { mode: 0o600 });
  giveTo(account, pgdata, passwordFile);
  try {
    await promisify(execFile)(
      binaries.initdb,
      [
        `--pgdata=${pgdata}`,
        '--username=postgres',
        '--auth=scram-sha-256',
        `--pwfile=${passwordFile}`,
        '--encoding=UTF8',
        '--locale=C',
        ...unicodeLocale(binaries),
        ...(durable ? [] : quickLogin(binaries)),
        '--no-instructions',
        ...(durable ? [] : ['--no-sync']),
      ],
      { ...account, cwd: '/', env },
    );
    fs.renameSync(draft, folder);
  } catch (error) {
    fs.rmSync(draft, { recursive: true, force: true });
    if (fs.existsSync(folder)) return; // a parallel start made it first
    throw new Error(`initdb failed: ${error.stderr?.trim() || error.message}`, { cause: error });
  }
}

/** The fallback's name can be guessed, and /var/tmp is open to all: make sure that nobody put something there first. */
function claim(folder, account) {
  const found = fs.lstatSync(folder);
  if (!found.isDirectory() || (process.getuid && found.uid !== process.getuid())) {
    throw new Error(`${folder} exists and belongs to another user`);
  }
  openToAll(folder, account);
}

/**
 * PostgreSQL's own Unicode locale: every machine sorts and folds case alike, whatever it has installed. Before version 17
 * there is none, and only ASCII is folded.
 */
function unicodeLocale({ majorVersion }) {
  return Number(majorVersion) < 17 ? [] : ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
}

/** Thousands of hashes at each connection are for passwords that people think of; ours is 24 random bytes. */
function quickLogin({ majorVersion }) {
  return Number(majorVersion) < 16 ? [] : ['--set=scram_iterations=1'];
}
