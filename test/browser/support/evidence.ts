import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Visitor } from './visitor.js';

/** The error with what everybody saw when it happened: a picture of each tab, and what its console said. */
export async function withEvidence(error: unknown, visitors: readonly Visitor[]): Promise<Error> {
  const folder = await mkdtemp(join(tmpdir(), 'paws-browser-'));
  for (const { name, context, said } of visitors) {
    await writeFile(join(folder, `${name}.log`), `${said.join('\n')}\n`);
    for (const [index, page] of context.pages().entries()) {
      const path = join(folder, `${name}-${index + 1}.png`);
      // A tab that has crashed has none.
      await page.screenshot({ path, fullPage: true, timeout: 3_000 }).catch(() => undefined);
    }
  }
  const told = error instanceof Error ? error : new Error(String(error));
  const text = `Pictures and console: ${folder}`;
  told.message = `${told.message}\n\n${text}`;
  told.stack = `${told.stack}\n\n${text}`;
  return told;
}
