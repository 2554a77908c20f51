// The process between the program and its PostgreSQL server. However the program ends - even by SIGKILL, when it can do
// nothing itself - the channel to it closes here, and the server is stopped and temporary files are removed.
import fs from 'node:fs';
import { once } from 'node:events';
import { temporaryFolder, unprivilegedAccount } from './account.mjs';
import { usableBinaries } from './binaries.mjs';
import { lastingHome, openCluster } from './cluster.mjs';
import { memoryFolder } from './memory.mjs';
import { waitForPreviousServer } from './previous-server.mjs';
import { startServer } from './server.mjs';

// The account PostgreSQL runs as must be able to enter what root makes here. What is secret has its own mode.
process.umask(0o022);

const released = Promise.race(
  ['disconnect', 'SIGTERM', 'SIGINT'].map((event) => once(process, event)),
);

const temporary = [];
try {
  const {
    dataDir,
    port,
    durable = Boolean(dataDir),
    inMemory = false,
    binaries: folder,
  } = JSON.parse(process.argv[2]);
  const lasting = dataDir ? lastingHome(dataDir, log) : undefined;
  const account = lasting ? lasting.account : unprivilegedAccount();
  const makeTemporary = (preferred) => {
    const made = temporaryFolder(account, preferred);
    temporary.push(made);
    return made;
  };
  const env = environment();

  const binaries = usableBinaries(account, makeTemporary, folder);
  // The binaries have to be elsewhere: nothing can be executed from memory in most containers.
  const home = lasting ? lasting.home : makeTemporary(inMemory ? memoryFolder() : undefined);
  const cluster = await openCluster({ home, account, binaries, durable, env });
  await waitForPreviousServer(cluster.pgdata, log);
  const server = await startServer({ ...cluster, binaries, account, port, durable, env, log });
  await tell({
    ready: {
      port: server.port,
      pid: server.pid,
      dataDir: home,
      password: cluster.password,
    },
  });
  await Promise.race([released, server.exited]);
  await server.stop(dataDir ? 'fast' : 'immediate');
} catch (error) {
  await tell({ failed: error.message });
} finally {
  for (const made of temporary) fs.rmSync(made, { recursive: true, force: true, maxRetries: 3 });
  if (process.connected) process.disconnect();
}

/** Resolves also when nobody is there to be told. */
function tell(message) {
  return new Promise((resolve) => {
    if (process.connected) process.send(message, () => resolve());
    else resolve();
  });
}

function log(line) {
  void tell({ log: line });
}

/** Not the program's whole environment: that can hold PG* settings, which would apply, and secrets, which would leak. */
function environment() {
  const names = ['PATH', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'SystemRoot', 'TEMP', 'TMP'];
  const kept = names.filter((name) => process.env[name] !== undefined);
  return {
    ...Object.fromEntries(kept.map((name) => [name, process.env[name]])),
    LC_ALL: 'C',
    TZ: 'UTC',
  };
}
