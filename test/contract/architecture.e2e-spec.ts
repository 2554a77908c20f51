import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './library.js';
import { pages, sectionsOf } from './markdown.js';

const page = pages.get('docs/architecture.md')!;
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(root, 'src', name), 'utf8'));

const diagrams = [...page.matchAll(/^```mermaid\n([^]*?)^```$/gm)].map(([, text]) =>
  text!.split('\n').filter((line) => line.trim() !== ''),
);
const titles = [...page.matchAll(/^### (.+)$(?=[^#]*?^```mermaid)/gm)].map(([, title]) => title!);

const PARTICIPANT = /^ +participant (\w+) as (.+)$/;
// In what is said a semicolon would end the statement, and a hash begin the name of a sign.
const SAYING = '[^;#]+';
const MESSAGE = new RegExp(`^ +(\\w+)-?->>(\\w+): ${SAYING}$`);
const NOTE = new RegExp(`^ +Note over (\\w+(?:,\\w+)*): ${SAYING}$`);
const OPENING = new RegExp(`^ +(?:alt|opt|loop) ${SAYING}$`);
const ELSE = new RegExp(`^ +else ${SAYING}$`);

it('draws five flows', () => {
  expect(diagrams).toHaveLength(5);
  expect(titles).toHaveLength(5);
});

describe.each(titles.map((title, n) => ({ title, lines: diagrams[n]! })))(
  'the diagram of $title',
  ({ lines: [first, ...lines] }) => {
    const known = new Map(
      lines.flatMap((line) => {
        const [, name, label] = PARTICIPANT.exec(line) ?? [];
        return name === undefined ? [] : [[name, label!] as const];
      }),
    );

    it('is one that Mermaid draws', () => {
      expect(first).toBe('sequenceDiagram');
      let depth = 0;
      for (const line of lines) {
        const names = [...(MESSAGE.exec(line) ?? []), ...(NOTE.exec(line)?.slice(1) ?? [])];
        const unknown = names
          .filter((name) => /^[\w,]+$/.test(name))
          .flatMap((name) => name.split(','));
        expect(unknown.filter((name) => !known.has(name))).toEqual([]);
        if (OPENING.test(line)) depth += 1;
        else if (/^ +end$/.test(line)) depth -= 1;
        else if (ELSE.test(line)) expect(depth).toBeGreaterThan(0);
        else if (names.length === 0) expect(line).toMatch(PARTICIPANT);
        expect(depth).toBeGreaterThanOrEqual(0);
      }
      expect(depth).toBe(0);
    });

    it('names classes that there are', () => {
      const classes = [...known.values()].filter((label) => /^[A-Z][a-z]+[A-Z]\w+$/.test(label));
      expect(classes.length).toBeGreaterThan(1);
      const isThere = (name: string) => sources.some((text) => text.includes(`class ${name} `));
      expect(classes.filter((name) => !isThere(name))).toEqual([]);
    });
  },
);

it('says where to change what, in files and folders that are there', () => {
  const { body } = sectionsOf('docs/architecture.md').find(
    ({ heading }) => heading === 'Where do I change X',
  )!;
  const paths = [...body.matchAll(/`([\w./-]+\/[\w./-]*)`/g)].map(([, path]) => path!);
  expect(paths.length).toBeGreaterThan(30);
  expect(
    paths.filter((path) => !existsSync(join(root, 'src', path)) && !existsSync(join(root, path))),
  ).toEqual([]);
});
