import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesBelow } from './files-below.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const target = join(root, 'test', '.groups');
const TEST_FILE = /\.e2e-spec\.ts$/;
/** Files of a group. More of them save less each time, and workers share fewer groups less evenly. */
const MOST = 8;

/**
 * Writes suites that run the tests of several files of one folder, each below the name of its file. Jest loads everything
 * anew for each suite, and for most files that takes longer than their tests. The groups lie below `test/.groups` as their
 * folders lie in the project, so that a pattern such as `test/linking` means both.
 */
export function writeGroups() {
  const groups = new Map([...byFolder()].flatMap(groupsOf));
  mkdirSync(target, { recursive: true });
  for (const file of filesBelow(target)) if (!groups.has(file)) rmSync(join(target, file));
  // What has not changed keeps its time: another run may be reading it.
  for (const [file, text] of groups) if (textIn(file) !== text) write(file, text);
}

/** @returns {Map<string, string[]>} every file of tests, by the folder that it is in. */
function byFolder() {
  const folders = new Map();
  for (const file of filesBelow(join(root, 'test')).sort()) {
    if (file.startsWith('.') || !TEST_FILE.test(file)) continue;
    const folder = join('test', dirname(file));
    folders.set(folder, [...(folders.get(folder) ?? []), join('test', file)]);
  }
  return folders;
}

/** @returns {[file: string, text: string][]} */
function groupsOf([folder, files]) {
  const count = Math.ceil(files.length / MOST);
  return Array.from({ length: count }, (_, number) => {
    const group = join(folder, `${number + 1}-of-${count}.spec.ts`);
    const members = files.filter((_file, index) => index % count === number);
    return [group, members.map((file) => part(group, file)).join('')];
  });
}

/** Inside `describe`, the hooks of a file are for its own tests only. */
function part(group, file) {
  const path = relative(dirname(join(target, group)), join(root, file)).replaceAll('\\', '/');
  return `describe(${JSON.stringify(file.replace(TEST_FILE, ''))}, () => void require('${path}'));\n`;
}

function textIn(file) {
  const path = join(target, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function write(file, text) {
  mkdirSync(dirname(join(target, file)), { recursive: true });
  writeFileSync(join(target, file), text);
}
