import { join, relative, resolve } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
/** A copy of the project in which the TypeScript is compiled; Jest's global setup makes it. */
export const PROGRAMS = join(ROOT, 'test', '.programs');

/** What Node runs in place of a file of the source, which it would have to compile first. */
export function programOf(source: string): string {
  return join(PROGRAMS, relative(ROOT, resolve(ROOT, source))).replace(/\.ts$/, '.js');
}
