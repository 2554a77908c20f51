import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../example/paws-process.js';
import { HttpClient } from '../support/http-client.js';
import { createTestDatabase } from '../support/test-database.js';

const ROOT = join(import.meta.dirname, '..', '..');

describe('npm run start:own-auth', () => {
  it('starts the example, prints where it is, and ends on Ctrl-C', async () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const [command, ...words] = (scripts['start:own-auth'] as string).split(' ');
    expect(command).toBe('node');
    const database = await createTestDatabase();
    const { PATH, HOME, TMPDIR } = process.env;
    const variables = { PORT: await freePort(), DATABASE_URL: database.url };
    const child = spawn(process.execPath, words, {
      cwd: ROOT,
      env: { PATH, HOME, TMPDIR, ...variables },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'close');
    try {
      const [line] = await Promise.race([
        once(createInterface(child.stdout), 'line'),
        ended.then(() => ['it has ended']),
      ]);
      const origin = `http://localhost:${variables.PORT}`;
      expect(line).toBe(`own-auth is ready: ${origin}`);
      const browser = new HttpClient(`http://127.0.0.1:${variables.PORT}`, { origin });
      expect(await browser.post('/notes', { text: 'first' })).toMatchObject({ status: 201 });
      expect(await browser.get('/me')).toMatchObject({ body: { isGuest: true } });
      child.kill('SIGINT');
      expect(await ended).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
      await ended;
      await database.drop();
    }
  }, 60_000);
});
