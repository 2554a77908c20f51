// Files that are never written to a disk: creating and dropping databases, which is what tests do, is then ten times as fast.
import fs from 'node:fs';
import os from 'node:os';

/** Where Linux keeps them. Containers often have 64 MB of it. */
const FOLDER = '/dev/shm';
const TMPFS = 0x01021994;
/** A run of all tests takes a tenth of it; whatever else runs here wants memory too. */
const ROOM_BYTES = 2 * 2 ** 30;

/** The folder, where there is one and room for a database cluster that grows. */
export function memoryFolder() {
  try {
    const { type, bavail, bsize } = fs.statfsSync(FOLDER);
    const free = process.availableMemory?.() ?? os.freemem();
    return type === TMPFS && Math.min(bavail * bsize, free) >= ROOM_BYTES ? FOLDER : undefined;
  } catch {
    return undefined;
  }
}
