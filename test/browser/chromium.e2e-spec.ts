import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureChromium } from '../support/chromium-binary.mjs';

let folder: string;
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'browsers-'));
  said = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A program on the PATH of the test, which is nothing but that. */
function program(name: string, script = 'exit 0'): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** What `env` does, and what writes down how `apt-get` was called; installing makes a browser if it is allowed to. */
function systemWithApt(install: string): void {
  program('env', 'shift; exec "$@"');
  program('apt-get', `echo "$*" >> ${folder}/calls; case "$*" in *install*) ${install} ;; esac`);
}

const makesBrowser = () =>
  `printf '#!/bin/sh\\n' > ${folder}/chromium; /bin/chmod 755 ${folder}/chromium`;

const look = (env: Record<string, string> = {}, uid = 0) =>
  ensureChromium({ env: { PATH: folder, ...env }, uid, say: (line) => said.push(line) });

const missing = (why: string) => ({
  missing: `Chromium is missing (${why}), so the browser tests are skipped: apt-get install chromium, or set CHROMIUM_PATH to a Chromium or Chrome.`,
});

describe('the browser of the tests', () => {
  it('is the one that CHROMIUM_PATH names', async () => {
    program('chromium');
    const mine = program('mine');
    expect(await look({ CHROMIUM_PATH: mine })).toEqual({ program: mine });
  });

  it('stops the run when CHROMIUM_PATH names something else', async () => {
    program('chromium');
    await expect(look({ CHROMIUM_PATH: '/nowhere' })).rejects.toThrow(
      'CHROMIUM_PATH is /nowhere, and no browser starts there.',
    );
  });

  it.each(['chromium', 'chromium-browser', 'google-chrome'])('is %s on the PATH', async (name) => {
    expect(await look()).toHaveProperty('missing');
    const path = program(name);
    expect(await look()).toEqual({ program: path });
  });

  it('is not one that only says where to get it', async () => {
    program('chromium-browser', 'exit 1');
    expect(await look()).toEqual(missing('and this may not install it'));
  });

  it('is installed for root', async () => {
    systemWithApt(makesBrowser());
    expect(await look()).toEqual({ program: join(folder, 'chromium') });
    expect(said).toEqual(['Chromium is missing; apt-get installs it, which takes a minute.']);
  });

  it('is installed for whoever may be root without a password, and for nobody else', async () => {
    systemWithApt(makesBrowser());
    const sudo = 'test "$1" = -n && shift && exec "$@"';
    program('true');
    program('sudo', 'exit 1');
    expect(await look({}, 1000)).toEqual(missing('and this may not install it'));
    program('sudo', sudo);
    expect(await look({}, 1000)).toEqual({ program: join(folder, 'chromium') });
  });

  it('is missing where it cannot be installed, and the run says why', async () => {
    systemWithApt('echo "E: Unable to locate package chromium" >&2; exit 100');
    expect(await look()).toEqual(missing('apt-get could not install it'));
    expect(said.at(-1)).toBe('E: Unable to locate package chromium');
  });

  it('is missing where the package holds no browser', async () => {
    systemWithApt('exit 0');
    expect(await look()).toEqual(missing('what apt-get installed does not start'));
  });
});
