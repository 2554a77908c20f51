// What can be imported from the package, and the part of package.json that says so.
import fs from 'node:fs';
import path from 'node:path';

/**
 * @typedef {object} Entry
 * @property {string} subpath as in `exports`
 * @property {string} file in `src` and `dist`, without its ending
 * @property {'facade' | 'module'} esm How `import` is served. A facade hands out what `require` gets. A module is a build
 *   of its own, for browsers; it must work as well when an app loads both.
 */

/** @type {Entry[]} */
const known = [
  { subpath: '.', file: 'index', esm: 'facade' },
  { subpath: './testing', file: 'testing/index', esm: 'facade' },
  { subpath: './client', file: 'client/index', esm: 'module' },
];

/** @param {string} root */
export const entriesOf = (root) =>
  known.filter(({ file }) => fs.existsSync(path.join(root, 'src', `${file}.ts`)));

/** Where a module entry's ES modules are: a folder of their own, whose package.json tells Node and bundlers what they are. */
export const moduleFolder = ({ file }) => path.posix.join(path.posix.dirname(file), 'esm');

/** What `import` loads. */
export const esmFile = (entry) =>
  entry.esm === 'facade' ? `${entry.file}.mjs` : `${moduleFolder(entry)}/index.js`;

/** @param {Entry[]} entries */
export function manifestParts(entries) {
  const conditions = (entry) => ({
    import: { types: `./dist/${entry.file}.d.mts`, default: `./dist/${esmFile(entry)}` },
    require: { types: `./dist/${entry.file}.d.ts`, default: `./dist/${entry.file}.js` },
  });
  const others = entries.filter(({ subpath }) => subpath !== '.');
  return {
    main: './dist/index.js',
    types: './dist/index.d.ts',
    exports: {
      ...Object.fromEntries(entries.map((entry) => [entry.subpath, conditions(entry)])),
      './package.json': './package.json',
    },
    // For TypeScript's `node10` resolution, which does not read `exports`.
    ...(others.length > 0 && {
      typesVersions: {
        '*': Object.fromEntries(
          others.map(({ subpath, file }) => [subpath.slice(2), [`./dist/${file}.d.ts`]]),
        ),
      },
    }),
  };
}
