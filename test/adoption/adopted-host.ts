import { applyPatch, parsePatch, type StructuredPatch } from 'diff';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const source = join(import.meta.dirname, 'host');
const page = join(import.meta.dirname, '../../docs/adopting.md');

/** A host that was there before this library: its files by name. */
export function hostFiles(): Map<string, string> {
  const names = readdirSync(source, { recursive: true, encoding: 'utf8' });
  return new Map(
    names
      .filter((name) => statSync(join(source, name)).isFile())
      .map((name) => [name.replaceAll('\\', '/'), readFileSync(join(source, name), 'utf8')]),
  );
}

/** What the docs tell such a host to change, by file. */
export function documentedPatches(): StructuredPatch[] {
  const blocks = readFileSync(page, 'utf8').matchAll(/^```diff\n(.*?)^```$/gms);
  return [...blocks].flatMap(([, block]) => parsePatch(block!));
}

/** @throws when a patch does not fit. */
export function adoptedFiles(): Map<string, string> {
  const files = hostFiles();
  for (const patch of documentedPatches()) {
    const name = patch.newFileName!;
    const patched = applyPatch(files.get(name) ?? '', patch);
    if (patched === false) throw new Error(`the documented change of ${name} does not fit.`);
    files.set(name, patched);
  }
  return files;
}

export function writeFiles(folder: string, files: ReadonlyMap<string, string>): void {
  for (const [name, text] of files) {
    mkdirSync(join(folder, dirname(name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}
