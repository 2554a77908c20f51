import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { rows } from '../compat/rows.js';
import { root } from './library.js';

const names = rows.map(({ name }) => name);
const read = (file: string) => readFileSync(join(root, file), 'utf8');

describe('the versions that teams run', () => {
  it('are those of docs/compatibility.md', () => {
    const text = read('docs/compatibility.md');
    expect(
      names.filter((name) => !text.includes(`\`${name}\``) && !/^postgres\d/.test(name)),
    ).toEqual([]);
    const named = [...text.matchAll(/^\| `([\w.-]+)` /gm)].map(([, name]) => name);
    expect(named.filter((name) => !names.includes(name!))).toEqual([]);
    expect(named.length).toBeGreaterThan(5);
  });

  it('begin where each peer range begins', () => {
    const oldest = rows.find(({ name }) => name.startsWith('oldest-'))?.host?.packages ?? {};
    const optional = Object.keys(manifest.peerDependenciesMeta);
    const wrong = Object.entries(manifest.peerDependencies).filter(
      ([name, range]) => !optional.includes(name) && range.split(' ')[0] !== `^${oldest[name]}`,
    );
    expect(wrong).toEqual([]);
  });

  it('include every PostgreSQL that is promised', () => {
    const played = rows.filter(({ host, postgres }) => host && postgres).map(({ name }) => name);
    expect(played).toEqual([14, 15, 16, 17, 18].map((version) => `postgres${version}`));
  });

  it('are there for those that CI chooses', () => {
    const [, chosen = ''] = /^ *for host in (.+); do$/m.exec(read('.ci/run')) ?? [];
    expect(chosen.split(' ').length).toBeGreaterThan(1);
    expect(names).toEqual(expect.arrayContaining(chosen.split(' ')));
  });
});
