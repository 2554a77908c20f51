import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './library.js';

export interface Section {
  readonly heading: string;
  /** Until the next heading of any level. */
  readonly body: string;
}

const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name.replaceAll('\\', '/')}`);

const beside = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];
const examples = readdirSync(join(root, 'examples')).map((name) => `examples/${name}/README.md`);

/** The pages that are written for those who use the library or work on it, by their path. */
export const pages: ReadonlyMap<string, string> = new Map(
  [...beside, ...docs, ...examples].map((path) => [path, readFileSync(join(root, path), 'utf8')]),
);

/** The parts of a page; a `#` inside a code block is no heading. */
export function sectionsOf(path: string): Section[] {
  const text = pages
    .get(path)!
    .replaceAll(/^```[^]*?^```/gm, (code) => code.replaceAll(/^#/gm, ' #'));
  return text
    .split(/^#+ /m)
    .slice(1)
    .map((part) => {
      const [heading = '', ...lines] = part.split('\n');
      return { heading: heading.trim(), body: lines.join('\n') };
    });
}

/** The sections whose heading is about a piece of code, by that code. */
export function codeSectionsOf(path: string): Map<string, Section> {
  const entries = sectionsOf(path).map((section): [string | undefined, Section] => [
    /^`([^`]+)`/.exec(section.heading)?.[1],
    section,
  ]);
  return new Map(entries.filter((entry): entry is [string, Section] => entry[0] !== undefined));
}

/**
 * The TypeScript of a page, by file. A block that begins with `// src/…` is that file, so that blocks of one page can import
 * each other; any other is a module of its own.
 */
export function typescriptBlocksOf(path: string): Map<string, string> {
  const blocks = [...pages.get(path)!.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code]) => code!);
  return new Map(
    blocks.map((code, n) => {
      const file = /^\/\/ (src\/\S+)\.ts$/m.exec(code.split('\n', 1)[0]!)?.[1];
      return [`${path}/${file ?? `block ${n + 1}`}`, code];
    }),
  );
}

/** The name that GitHub gives to a heading in links. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}
