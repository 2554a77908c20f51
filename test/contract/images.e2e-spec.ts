import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './library.js';
import { pages } from './markdown.js';

/** So that nobody waits for a page of the docs. */
const MOST_BYTES = 150_000;

/** Pictures of a page, with what is said to those who do not see them. */
const shownOn = (path: string) =>
  [...pages.get(path)!.matchAll(/<img\s([^>]*)>|!\[([^\]]*)\]\(([^)]+)\)/g)].map(
    ([, html = '', alt, src]) => ({
      alt: alt ?? /alt="([^"]*)"/.exec(html)?.[1] ?? '',
      src: src ?? /src="([^"]*)"/.exec(html)?.[1] ?? '',
    }),
  );

const filesOf = (path: string) =>
  [...pages.get(path)!.matchAll(/(?:src|srcset)="([^"]+\.png)"|!\[[^\]]*\]\(([^)]+)\)/g)].map(
    ([, html, markdown]) => join(root, dirname(path), html ?? markdown!),
  );

describe('the pictures of README.md and docs', () => {
  it('are there, and small', () => {
    const files = [...pages.keys()].flatMap(filesOf);
    expect(files.length).toBeGreaterThan(0);
    const wrong = files.filter((file) => !existsSync(file) || statSync(file).size > MOST_BYTES);
    expect(wrong).toEqual([]);
  });

  it('say what they show', () => {
    const silent = [...pages.keys()].flatMap((path) =>
      shownOn(path).filter(({ alt }) => alt.length < 20),
    );
    expect(silent).toEqual([]);
  });
});
