import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const INSTALL = 'apt-get install chromium, or set CHROMIUM_PATH to a Chromium or Chrome';
const PATIENCE_MS = 240_000;

/**
 * Finds the browser of the browser tests: the one that CHROMIUM_PATH names, or one on the PATH. Where there is none and this
 * may install packages of the system, it does.
 *
 * @returns its program, or the line that says why there is none and how to get one.
 * @throws Error when CHROMIUM_PATH names something else: that is a mistake, and not a machine without a browser.
 */
export async function ensureChromium({
  env = process.env,
  uid = process.getuid?.(),
  say = console.log,
} = {}) {
  const chosen = env.CHROMIUM_PATH;
  if (chosen && isThere(chosen, env)) return { program: chosen };
  if (chosen) throw new Error(`CHROMIUM_PATH is ${chosen}, and no browser starts there.`);
  const found = onPath(env);
  if (found) return { program: found };
  const failure = await install(env, uid, say);
  const installed = onPath(env);
  if (installed) return { program: installed };
  const why = failure ?? 'what apt-get installed does not start';
  return { missing: `Chromium is missing (${why}), so the browser tests are skipped: ${INSTALL}.` };
}

/** @returns why it did not work. */
async function install(env, uid, say) {
  const aptGet = aptGetOf(env, uid);
  if (!aptGet) return 'and this may not install it';
  say('Chromium is missing; apt-get installs it, which takes a minute.');
  const end = Date.now() + PATIENCE_MS;
  const apt = ([program, ...first], ...rest) =>
    run(program, [...first, ...rest], { env, timeout: Math.max(1, end - Date.now()) });
  // Lists that are old may do; those that are missing may not.
  await apt(aptGet, 'update').catch(() => undefined);
  try {
    await apt(aptGet, 'install', '-y', '--no-install-recommends', 'chromium');
    return undefined;
  } catch (error) {
    if (error.killed) return `apt-get took longer than ${PATIENCE_MS / 60_000} minutes`;
    say(error.stderr?.trim() || error.message);
    return 'apt-get could not install it';
  }
}

/** The command that may install packages: for root, and for whoever needs no password to be root. */
function aptGetOf(env, uid) {
  if (!isThere('apt-get', env)) return undefined;
  const quiet = [
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    '-o',
    'DPkg::Lock::Timeout=60',
  ];
  if (uid === 0) return quiet;
  const sudo = ['sudo', '-n', ...quiet];
  return starts('sudo', ['-n', 'true'], env) ? sudo : undefined;
}

function onPath(env) {
  const folders = (env.PATH ?? '').split(delimiter);
  const programs = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return programs.find((program) => existsSync(program) && isThere(program, env));
}

/** Being a file is not enough: some systems have one of this name that only says where to get the browser. */
const isThere = (program, env) => starts(program, ['--version'], env);

const starts = (program, args, env) =>
  spawnSync(program, args, { env, stdio: 'ignore', timeout: 20_000 }).status === 0;
