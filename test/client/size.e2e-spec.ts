import { minify, transform } from '@swc/core';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const folder = join(import.meta.dirname, '../../src/client');
const LIMIT_BYTES = 3_000;

describe('what a page loads of src/client', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));

  /** One file after the other, as a bundler puts them. Without their imports they are one module. */
  const bundle = async () => {
    const modules = files.map((name) =>
      transform(readFileSync(join(folder, name), 'utf8'), {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        module: { type: 'es6' },
      }),
    );
    const code = (await Promise.all(modules)).map((module) => module.code).join('\n');
    const whole = code
      .replaceAll(/^import .*;$/gm, '')
      .replaceAll(/^export \{.*\} from .*;$/gm, '');
    return minify(whole, { compress: true, mangle: true, module: true });
  };

  it('is less than 3 kB, gzipped', async () => {
    const { code } = await bundle();
    expect(code).toContain('Idempotency-Key');
    expect(code).toContain('/anonymous/upgrade');
    expect(code).not.toMatch(/\b(import|require)\b/);
    expect(gzipSync(code).length).toBeLessThan(LIMIT_BYTES);
  });

  it('imports nothing but itself', () => {
    const imported = files.flatMap((name) =>
      [
        ...readFileSync(join(folder, name), 'utf8').matchAll(/\b(?:from|import)\s*\(?'([^']+)'/g),
      ].map(([, specifier]) => specifier!),
    );
    expect(imported.length).toBeGreaterThan(5);
    expect(imported.filter((specifier) => !/^\.\/[\w-]+\.js$/.test(specifier))).toEqual([]);
  });
});
