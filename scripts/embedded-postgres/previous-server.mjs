// What to do with the postmaster.pid that is already in a data folder.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Returns when no server uses the data. A server whose program was killed is about to stop, and is waited for; one that
 * stays belongs to another run, and two cannot share a folder.
 */
export async function waitForPreviousServer(pgdata, log) {
  if (process.platform === 'win32') return; // PostgreSQL's own check is exact there
  let waitingSince;
  for (;;) {
    const previous = readPidFile(pgdata);
    if (!previous || !isAlive(previous.pid)) return; // PostgreSQL removes a dead server's file itself
    if (!servesFrom(previous.pid, pgdata)) return removeStale(previous);

    if (waitingSince === undefined) {
      waitingSince = Date.now();
      log(`waiting for the server of an earlier run to stop (process ${previous.pid})`);
    }
    // Stopping includes writing everything to disk. A live server needs only the moment to notice that it is orphaned.
    const patienceMs = previous.status === 'stopping' ? 30_000 : 3_000;
    if (Date.now() - waitingSince > patienceMs) {
      throw new Error(
        `${pgdata} is in use by another server, process ${previous.pid} on port ${previous.port}: stop the program that started it, or that process`,
      );
    }
    await delay(50);
  }
}

/** The lines of the file: pid, data folder, start time, port, socket folder, address, shared memory, status. */
function readPidFile(pgdata) {
  const file = path.join(pgdata, 'postmaster.pid');
  if (!fs.existsSync(file)) return undefined;
  const content = fs.readFileSync(file, 'utf8');
  const lines = content.split('\n');
  return { file, content, pid: Number(lines[0]), port: lines[3], status: lines[7]?.trim() };
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/**
 * After a reboot or in a restarted container the same number can be another program's. Reads the command line, as a
 * container's root may not look at anything else of another user's process.
 */
function servesFrom(pid, pgdata) {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(pgdata);
  } catch (error) {
    if (fs.existsSync('/proc/self/cmdline')) return error.code !== 'ENOENT'; // in doubt, it does
  }
  const ps = spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  return ps.status === 0 && ps.stdout.includes(pgdata);
}

/** PostgreSQL would take the stranger for its earlier self and refuse to start, for ever. */
function removeStale({ file, content }) {
  if (fs.readFileSync(file, 'utf8') === content) fs.rmSync(file);
}
