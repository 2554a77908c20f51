import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Postgres comes with the packages of npm, Redis does not. Where this may install packages of the system, it does. */
export async function ensureRedis() {
  if (isThere('redis-server')) return;
  if (process.getuid?.() === 0 && isThere('apt-get')) {
    console.log('redis-server is missing; apt-get installs it.');
    // Only the binary is wanted: no service is to be started.
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    const install = () =>
      run('apt-get', ['install', '-y', '--no-install-recommends', 'redis-server'], { env });
    await install()
      .catch(() => run('apt-get', ['update'], { env }).then(install))
      .catch(() => undefined);
    if (isThere('redis-server')) return;
  }
  console.log(
    'redis-server is missing and cannot be installed from here, so the tests of limits in Redis will fail. Install it: apt-get install redis-server, or brew install redis.',
  );
}

function isThere(program) {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}
