import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pages } from '../contract/markdown.js';

/** The names of a folder's files, which a page shows under the same names in `src`. */
export function shownFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => statSync(join(folder, name)).isFile());
}

/** Fails unless the page has the code that is in the file, as a host writes it. */
export function expectShown(page: string, folder: string, name: string): void {
  const code = readFileSync(join(folder, name), 'utf8');
  const asHost = code.replace(/'(?:\.\.\/)+src\/index\.js'/, "'nestjs-anonymous'");
  expect(pages.get(page)).toContain(`\`\`\`ts\n// src/${name}\n${asHost}\`\`\`\n`);
}

/** The SQL of a page, block by block. */
export function sqlBlocksOf(page: string): string[] {
  return [...pages.get(page)!.matchAll(/^```sql\n([^]*?)^```$/gm)].map(([, sql]) => sql!);
}
