import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as kit from '../../src/testing/index.js';
import { LibraryTypes, root } from './library.js';
import { pages } from './markdown.js';

/** Adding a name is a minor version, removing or renaming one a major. */
const values = [
  'TestKitError',
  'checkMerge',
  'checkMerges',
  'createAccount',
  'createGuest',
  'expectNoOrphans',
  'sample',
  'signInAs',
];

describe('the test kit', () => {
  const types = new LibraryTypes('src/testing/index.ts');
  const options = [...types.exports().keys()]
    .filter((name) => name.endsWith('Options'))
    .flatMap((name) => [...types.properties(name)]);

  it('exports these values and no others', () => {
    expect(Object.keys(kit).toSorted()).toEqual(values);
  });

  it('has a doc comment on every export and on every option that is not its own name', () => {
    const silent = [...types.exports()].filter(([, symbol]) => types.comment(symbol) === '');
    expect(silent.map(([name]) => name)).toEqual([]);
    const bare = options.filter(
      ([name, symbol]) => types.comment(symbol) === '' && name !== 'name',
    );
    expect(bare.map(([name]) => name)).toEqual([]);
  });

  it('is documented: every function and every option', () => {
    const page = pages.get('docs/testing.md')!;
    const names = [...values, ...options.map(([name]) => name)];
    expect(options.length).toBeGreaterThan(5);
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(page))).toEqual([]);
  });

  it('knows no test runner', () => {
    const folder = join(root, 'src/testing');
    const runners = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .filter((name) =>
        /from '(@?jest|vitest|node:test|@nestjs\/testing)|\bexpect\(/.test(
          readFileSync(join(folder, name), 'utf8'),
        ),
      );
    expect(runners).toEqual([]);
  });
});
