// `npm run test:compat [-- --only <name>[,<name>]] [--keep]`: the packed library in small hosts with the versions that teams run.
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packLibrary } from '../contract/packed-library.js';
import { rows } from './rows.js';
import { Workshop } from './workshop.js';

const { values } = parseArgs({ options: { only: { type: 'string' }, keep: { type: 'boolean' } } });
const wanted = values.only?.split(',');
const unknown = wanted?.filter((name) => rows.every((row) => row.name !== name)) ?? [];
if (unknown.length > 0) {
  console.error(
    `There is no ${unknown.join(', ')}. There are:\n  ${rows.map((r) => r.name).join('\n  ')}`,
  );
  process.exit(2);
}

const folder = mkdtempSync(join(realpathSync(tmpdir()), 'nestjs-anonymous-compat-'));
const packed = await packLibrary();
const results: { name: string; result: string; seconds: number; what: string }[] = [];
try {
  mkdirSync(folder, { recursive: true });
  const workshop = new Workshop(folder, packed.tarball);
  for (const row of rows.filter(({ name }) => wanted?.includes(name) ?? true)) {
    console.log(`==> ${row.name}`);
    const begun = performance.now();
    const [result, what] = await workshop.run(row).then(
      (done) => ['passed', done],
      (error: Error) => ['FAILED', error.message],
    );
    if (result === 'FAILED') console.error(what);
    results.push({
      name: row.name,
      result: result!,
      seconds: Math.round((performance.now() - begun) / 1000),
      what: what!.split('\n', 1)[0]!,
    });
  }
} finally {
  packed.remove();
  if (values.keep) console.log(`The hosts are in ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
}

console.table(results);
const failed = results.filter(({ result }) => result === 'FAILED').length;
console.log(`${results.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
