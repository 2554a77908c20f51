import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../contract/library.js';
import { adoptedFiles, documentedPatches, hostFiles, writeFiles } from './adopted-host.js';

const MOST_LINES = 25;

describe('docs/adopting.md', () => {
  const changes = documentedPatches().flatMap(({ hunks }) => hunks.flatMap(({ lines }) => lines));

  it('changes or adds few lines of a host that was there before', () => {
    const code = [...hostFiles().values()].join('').split('\n');
    expect(code.length).toBeGreaterThan(150);
    const added = changes.filter((line) => line.startsWith('+'));
    expect(added.length).toBeGreaterThan(10);
    expect(added.length).toBeLessThanOrEqual(MOST_LINES);
  });

  it('fits the host, and names every file once', () => {
    const names = documentedPatches().map(({ newFileName }) => newFileName!);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !hostFiles().has(name))).toEqual([]);
    const [before, after] = [hostFiles(), adoptedFiles()];
    expect([...after.keys()]).toEqual([...before.keys()]);
    const unchanged = names.filter((name) => before.get(name) === after.get(name));
    expect(unchanged).toEqual([]);
  });

  it('has nothing of the library in the host itself', () => {
    expect([...hostFiles().values()].join('')).not.toMatch(/anonymous/i);
  });

  it('does not squeeze lines together', () => {
    const folder = mkdtempSync(join(tmpdir(), 'adopted-'));
    try {
      writeFiles(folder, adoptedFiles());
      const prettier = join(root, 'node_modules/prettier/bin/prettier.cjs');
      const args = [
        prettier,
        '--config',
        join(root, '.prettierrc.json'),
        '--list-different',
        folder,
      ];
      expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).toBe('');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
