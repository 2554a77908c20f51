import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** A folder imports from itself and from folders to its left. */
const layers = ['common', 'users', 'auth', 'linking', 'anonymous', 'index.ts', 'cli', 'testing'];
/** Folders that have nothing to do with any other: what runs in a browser. */
const islands = ['client'];
/** What the package exports. Nothing in `src` imports them. */
const barrels = ['index.ts', 'client/index.ts', 'testing/index.ts'];
/** Entries of their own, which nothing else is built on. */
const entries = ['cli', 'testing'];

const src = join(import.meta.dirname, '../../src');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
  .map((name) => ({
    name: name.replaceAll('\\', '/'),
    text: readFileSync(join(src, name), 'utf8'),
  }));

const folderOf = (name: string) => name.split('/')[0]!;
const rank = (name: string) => layers.indexOf(folderOf(name));
const isIsland = (name: string) => islands.includes(folderOf(name));

function relativeImports(text: string): string[] {
  return [...text.matchAll(/(?:from|import\(?)\s*'(\.[^']+)\.js'/g)].map(
    ([, path]) => `${path}.ts`,
  );
}

describe('the layers of src', () => {
  const imports = files.flatMap(({ name, text }) =>
    relativeImports(text).map((path) => ({
      name,
      target: posix.join(posix.dirname(name), path),
    })),
  );

  it('has no folder that is not a layer', () => {
    const strangers = files
      .filter(({ name }) => rank(name) < 0 && !isIsland(name))
      .map(({ name }) => name);
    expect(strangers).toEqual([]);
  });

  it('imports only from the left', () => {
    expect(imports.length).toBeGreaterThan(100);
    const upward = imports.filter(({ name, target }) => rank(target) > rank(name));
    expect(upward).toEqual([]);
  });

  it.each(islands)('has nothing that goes into or out of %s', (island) => {
    expect(files.some(({ name }) => folderOf(name) === island)).toBe(true);
    const ends = imports.map(({ name, target }) => [folderOf(name), folderOf(target)]);
    expect(ends.filter(([from, to]) => from !== to && [from, to].includes(island))).toEqual([]);
  });

  it('imports nothing of one entry in another', () => {
    const across = imports.filter(
      ({ name, target }) =>
        entries.includes(folderOf(target)) && folderOf(name) !== folderOf(target),
    );
    expect(across).toEqual([]);
  });

  it('has one barrel for each entry of the package, and nothing imports it', () => {
    const found = files.filter(
      ({ name, text }) =>
        /(^|\/)index\.ts$/.test(name) || /^export (type )?(\*|\{[^}]*\}) from '/m.test(text),
    );
    expect(found.map(({ name }) => name).toSorted()).toEqual(barrels.toSorted());
    expect(imports.filter(({ target }) => barrels.includes(target))).toEqual([]);
  });

  it('imports only files that are there', () => {
    const names = new Set(files.map(({ name }) => name));
    expect(imports.filter(({ target }) => !names.has(target))).toEqual([]);
  });

  it('needs no forwardRef', () => {
    const circular = files.filter(({ text }) => /\bforwardRef\b/.test(text));
    expect(circular.map(({ name }) => name)).toEqual([]);
  });

  it('keeps src/common to six files', () => {
    expect(files.filter(({ name }) => name.startsWith('common/')).length).toBeLessThanOrEqual(6);
  });

  it('keeps files small: 250 lines at the most, half of them under 60', () => {
    const lengths = files.map(({ name, text }) => ({ name, lines: text.split('\n').length - 1 }));
    expect(lengths.filter(({ lines }) => lines > 250)).toEqual([]);
    const sorted = lengths.map(({ lines }) => lines).toSorted((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(60);
  });
});
