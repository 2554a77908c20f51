import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle, PageScript } from '../../examples/paws/site/page-script.js';
import { StartError } from '../../examples/paws/start-error.js';

describe('the script of the example’s page', () => {
  it('is made once', async () => {
    const script = new PageScript();
    const [one, two] = await Promise.all([script.make(), script.make()]);
    expect(one).toBe(two);
    expect(one.length).toBeGreaterThan(10_000);
  });

  it('stops the start when it cannot be made', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'paws-page-'));
    try {
      const module = join(folder, 'app.js');
      writeFileSync(module, "import { nothing } from './not-here.js';\nnothing();\n");
      const refused = await bundle(module).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(StartError);
      expect((refused as Error).message).toMatch(/^The script of the page cannot be made: /);
      expect((refused as Error).message).toContain('./not-here.js');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
