import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Paths of all files of a folder and its folders, relative to it. */
export function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}
