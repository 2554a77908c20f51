import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { ERROR_CODES, EVENTS } from '../../src/index.js';
import { LibraryTypes, root, typeErrors } from './library.js';
import { anchorOf, codeSectionsOf, pages, sectionsOf, typescriptBlocksOf } from './markdown.js';

const types = new LibraryTypes();

describe('docs/options.md', () => {
  const sections = codeSectionsOf('docs/options.md');
  const options = new Map([
    ...types.properties('AnonymousModuleOptions'),
    ...types.properties('AnonymousModuleExtras'),
    ...types.properties('MigrationOptions'),
  ]);
  const paths = [...options.keys()];
  const isGroup = (path: string) => paths.some((other) => other.startsWith(`${path}.`));
  const bodies = [...options]
    .filter(([path]) => !isGroup(path))
    .map(([path, symbol]) => ({ path, symbol, body: sections.get(path)?.body ?? '' }));
  const exampleIn = (body: string) =>
    /^Example: (`+)(.+)\1$/m.exec(body)?.[2]?.replaceAll(/^ | $/g, '');

  it('has a heading for every option, and no other', () => {
    expect([...sections.keys()].toSorted()).toEqual(paths.toSorted());
  });

  it('names the default that the code names', () => {
    const wrong = bodies.filter(({ symbol, body }) => {
      const literal = /^('[^']*'|\d+|true|false)/.exec(types.defaultOf(symbol) ?? '')?.[1];
      return literal !== undefined && !body.includes(`default \`${literal}\``);
    });
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it('says of every option what its default is, or that it is required', () => {
    const silent = bodies.filter(({ symbol, body }) => {
      const isRequired = (symbol.flags & ts.SymbolFlags.Optional) === 0;
      return isRequired ? !body.includes('Required.') : !/\bdefault\b/.test(body);
    });
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  it('has an example of every option', () => {
    const bare = bodies.filter(({ body }) => !exampleIn(body) && !body.includes('```ts'));
    expect(bare.map(({ path }) => path)).toEqual([]);
  });

  it('has examples that compile', () => {
    const examples = bodies.map(({ path, body }) => [path, exampleIn(body)] as const);
    const pieces = examples
      .filter(([, example]) => example !== undefined)
      .map(([path, example]): [string, string] => [
        `docs/options.md ${path}`,
        `import type { AnonymousModuleExtras, AnonymousModuleOptions } from 'nestjs-anonymous';
         export const it: Partial<AnonymousModuleOptions & AnonymousModuleExtras> = { ${example} };`,
      ]);
    expect(typeErrors(new Map(pieces))).toEqual([]);
  });
});

describe('docs/errors.md', () => {
  it('has a heading for every code with its status, and no other', () => {
    const headings = [...codeSectionsOf('docs/errors.md').values()].map(({ heading }) => heading);
    const codes = Object.entries(ERROR_CODES).map(([code, [status]]) => `\`${code}\` (${status})`);
    expect(headings.toSorted()).toEqual(codes.toSorted());
  });
});

describe('docs/events.md', () => {
  const sections = codeSectionsOf('docs/events.md');

  it('has a heading for every event, and no other', () => {
    expect([...sections.keys()].toSorted()).toEqual(Object.values(EVENTS).toSorted());
  });

  it.each(Object.entries(EVENTS))('lists the payload of %s', (key, name) => {
    const payload = `${key[0]!.toUpperCase()}${key.slice(1)}Event`;
    const rows = [...sections.get(name)!.body.matchAll(/^\| `(\w+)`/gm)].map(([, field]) => field!);
    expect(rows.toSorted()).toEqual([...types.properties(payload).keys()].toSorted());
  });
});

describe('README.md and docs', () => {
  /** Every block is a whole module: it imports what it uses, and nothing that only some host has. */
  it('has TypeScript that compiles', () => {
    const blocks = [...pages.keys()].flatMap((path) => [...typescriptBlocksOf(path)]);
    const written = [...pages.values()].join('\n').match(/^ *```ts\b/gm)!;
    expect(blocks).toHaveLength(written.length);
    expect(typeErrors(new Map(blocks))).toEqual([]);
  });

  it('has an index that names every page', () => {
    const named = ['README.md', 'docs/adr/README.md'].flatMap((path) => linksOf(path));
    const targets = new Set(named.map(({ target }) => target));
    const docs = [...pages.keys()].filter((path) => path.startsWith('docs/'));
    expect(docs.filter((path) => !targets.has(path))).toEqual([]);
  });

  it('links to pages and headings that are there', () => {
    const dead = [...pages.keys()].flatMap((path) =>
      linksOf(path)
        .filter(({ target, anchor }) => {
          if (!existsSync(join(root, target))) return true;
          if (anchor === undefined) return false;
          return !pages.has(target) || !anchorsOf(target).has(anchor);
        })
        .map(({ link }) => `${path}: ${link}`),
    );
    expect(dead).toEqual([]);
  });
});

/** The links of a page that lead to files here, its pictures included. */
function linksOf(path: string): { link: string; target: string; anchor: string | undefined }[] {
  const prose = pages.get(path)!.replaceAll(/^ *```[^]*?^ *```/gm, '');
  return [...prose.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(
    ([link, target, anchor]) => ({
      link,
      target: target === '' ? path : relative(root, join(root, dirname(path), target!)),
      anchor,
    }),
  );
}

function anchorsOf(path: string): Set<string> {
  return new Set(sectionsOf(path).map(({ heading }) => anchorOf(heading)));
}
