import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { root } from './library.js';
import { pages, sectionsOf } from './markdown.js';

/** Pages that say which test keeps what. */
const PAGES = ['SECURITY.md', 'docs/promises.md', 'docs/asvs.md'];
/** Tests are named as Jest's filter takes them, without their ending. */
const ENDINGS = ['', '.e2e-spec.ts', '.ts'];

/** A file or folder of the project in backticks, and the titles in quotes right after it. */
interface Reference {
  readonly path: string;
  readonly titles: readonly string[];
}

function referencesIn(text: string): Reference[] {
  const pattern = /`((?:src|test|bench|examples|scripts)\/[^`\s]+)`((?:,? "[^"]+")*)/g;
  return [...text.replaceAll(/\s+/g, ' ').matchAll(pattern)].map(([, path, titles]) => ({
    path: path!,
    titles: [...titles!.matchAll(/"([^"]+)"/g)].map(([, title]) => title!),
  }));
}

const filesAt = (path: string) =>
  ENDINGS.map((ending) => join(root, `${path}${ending}`)).filter((file) => existsSync(file));

/** The title as it is written in the source, placeholders and all. */
function hasTitle(file: string, title: string): boolean {
  if (!statSync(file).isFile()) return false;
  const source = readFileSync(file, 'utf8');
  return ["'", '"', '`'].some((quote) => source.includes(quote + title + quote));
}

describe.each(PAGES)('the evidence of %s', (page) => {
  const text = pages.get(page)!;
  const references = referencesIn(text);

  it('is there: every file, and every test by its title', () => {
    const missing = references.flatMap(({ path, titles }) => {
      const files = filesAt(path);
      if (files.length === 0) return [path];
      return titles
        .filter((title) => !files.some((file) => hasTitle(file, title)))
        .map((title) => `${path} "${title}"`);
    });
    expect(missing).toEqual([]);
    expect(references.length).toBeGreaterThan(20);
  });

  it('has no title that belongs to no file', () => {
    const quoted = text.match(/(?<=[\s|])"[^"]+"/g) ?? [];
    expect(quoted).toHaveLength(references.flatMap(({ titles }) => titles).length);
  });
});

describe('docs/promises.md', () => {
  const promises = sectionsOf('docs/promises.md').slice(1);

  it('has a test for every line of every promise, and says what is not promised', () => {
    expect(promises.length).toBeGreaterThan(10);
    for (const { heading, body } of promises) {
      const [, , ...lines] = body.split('\n').filter((line) => line.startsWith('|'));
      const bare = lines.filter((line) => referencesIn(line).every((one) => !one.titles.length));
      expect({ heading, bare }).toEqual({ heading, bare: [] });
      expect({ heading, tests: lines.length > 0 }).toEqual({ heading, tests: true });
      expect(body).toContain('\nNot promised:');
    }
  });
});

describe('SECURITY.md', () => {
  it('says where a report goes to, as long as package.json does not, and no longer', () => {
    const saysNone = pages.get('SECURITY.md')!.includes('names no repository yet');
    expect(saysNone).toBe(!('repository' in manifest));
  });
});
