import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Mutant, mutated } from '../mutation/mutant.js';
import { mutants } from '../mutation/mutants.js';
import { root } from './library.js';

const read = (path: string) => readFileSync(join(root, path), 'utf8');

describe('the mutants', () => {
  it.each(mutants.map((mutant): [string, Mutant] => [mutant.name, mutant]))(
    'find what %s takes out, once, and suites that are there',
    (_, mutant) => {
      const source = read(mutant.file);
      expect(mutated(mutant, source)).not.toBe(source);
      expect(mutant.suites.filter((suite) => !existsSync(join(root, suite)))).toEqual([]);
      expect(mutant.suites).not.toEqual([]);
    },
  );

  it.each([
    ['gone', 'is not'],
    ['twice', 'is more than once'],
  ])('say so when their text is %s', (where, what) => {
    const [mutant] = mutants;
    const source = where === 'gone' ? '' : mutant!.find.repeat(2);
    expect(() => mutated(mutant!, source)).toThrow(
      `The text that the mutant ${mutant!.name} takes out ${what} in ${mutant!.file}.`,
    );
  });

  it('have names of their own', () => {
    const names = mutants.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('are all in the table of test/mutation/README.md, with those who notice', () => {
    const rows = read('test/mutation/README.md').matchAll(/^\| `(\S+)` *\| (.+?) *\| (.+?) *\|$/gm);
    const expected = mutants.map(({ name, keeps, suites }) => [
      name,
      keeps,
      suites
        .map((suite) => `\`${suite.slice('test/'.length, -'.e2e-spec.ts'.length)}\``)
        .join(', '),
    ]);
    expect([...rows].map(([, ...cells]) => cells)).toEqual(expected);
  });
});
