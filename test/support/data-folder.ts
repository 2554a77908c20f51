import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder for the data of a server. Postgres never runs as root, so for root it must be open: otherwise the data would be
 * somewhere else, where no test removes it.
 */
export function makeDataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'anonymous-data-'));
  chmodSync(folder, 0o755);
  return folder;
}
