import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The secret beside the data it protects: made on the first start, the same on every other. */
export async function keptSecret(folder: string): Promise<string> {
  const file = join(folder, 'auth-secret');
  const known = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  if (known) return known.trim();
  const secret = madeSecret();
  // Written beside and renamed, so that a crash cannot leave half of it.
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${secret}\n`, { mode: 0o600, flag: 'wx' });
  await rename(draft, file);
  return secret;
}

export function madeSecret(): string {
  return randomBytes(32).toString('base64url');
}
