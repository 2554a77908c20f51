// Starts and stops the server process.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import readline from 'node:readline';

const START_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 15_000;

const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: 200,
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** Trades the survival of a power cut for speed; a killed server or program loses nothing that was committed. */
const fastSettings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/**
 * @returns {Promise<{ pid: number, port: number, exited: Promise<unknown>, stop(how: 'fast' | 'immediate'): Promise<void> }>}
 */
export async function startServer({ port, ...how }) {
  if (port) return launch({ ...how, port });
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await launch({ ...how, port: await freePort() });
    } catch (error) {
      // Another process can take the port between our look and the server's bind.
      const isTaken = error.message.includes('could not create any TCP/IP sockets');
      if (!isTaken || attempt === 5) throw error;
    }
  }
}

async function launch({ binaries, account, pgdata, port, durable, env, log }) {
  const options = Object.entries({ ...settings, ...(durable ? {} : fastSettings) });
  const server = spawn(
    binaries.postgres,
    [
      '-D',
      pgdata,
      '-p',
      String(port),
      ...options.flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    { ...account, cwd: '/', env, stdio: ['ignore', 'ignore', 'pipe'], windowsHide: true },
  );
  const exited = new Promise((resolve) => server.once('close', resolve));
  await ready(server, log);
  return { pid: server.pid, port, exited, stop: (how) => stop({ server, exited, binaries, how }) };
}

/** Resolves at the line the server logs when it accepts connections. The message's language is fixed by LC_ALL=C. */
function ready(server, log) {
  return new Promise((resolve, reject) => {
    const output = [];
    const fail = (reason) => reject(new Error([reason, ...output].join('\n')));
    const timer = setTimeout(() => {
      server.kill('SIGKILL');
      fail(`the server was not ready after ${START_DEADLINE_MS / 1000} s`);
    }, START_DEADLINE_MS);
    readline.createInterface({ input: server.stderr }).on('line', (line) => {
      log(line);
      output.push(line);
      if (!line.includes('database system is ready to accept connections')) return;
      clearTimeout(timer);
      resolve();
    });
    server.once('error', (error) => fail(error.message));
    server.once('close', (code) => {
      clearTimeout(timer);
      fail(`the server ended with exit code ${code}`);
    });
  });
}

/** `fast` ends open transactions and writes everything out; `immediate` is for data that nobody needs any more. */
async function stop({ server, exited, binaries, how }) {
  const isGone = () => server.exitCode !== null || server.signalCode !== null;
  if (!isGone()) signal(server, binaries, how === 'fast' ? 'INT' : 'QUIT');
  const timer = setTimeout(() => isGone() || signal(server, binaries, 'QUIT'), STOP_DEADLINE_MS);
  await exited;
  clearTimeout(timer);
}

function signal(server, binaries, name) {
  // Windows has no such signals; PostgreSQL listens on a pipe of its own there, and pg_ctl knows it.
  if (process.platform === 'win32') spawnSync(binaries.pgCtl, ['kill', name, String(server.pid)]);
  else server.kill(`SIG${name}`);
}

async function freePort() {
  const probe = net.createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
