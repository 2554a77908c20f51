import { readFileSync } from 'node:fs';

/** The version of this package. Its manifest is two folders up, from the source and from the build. */
export function ownVersion(): string {
  const path = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}
