import manifest from '../../package.json' with { type: 'json' };
import { once } from 'node:events';
import { createServer } from 'node:net';
import { readConfig } from '../../examples/paws/config/config.js';
import { StartError } from '../../examples/paws/start-error.js';
import { endProcesses, freePort, PawsProcess } from './paws-process.js';

/** What is set, and how the one line begins that says what is wrong with it. */
const REFUSED: [variables: Record<string, string>, message: string][] = [
  [{ PORT: '0' }, 'PORT is "0". Write a number from 1 to 65535.'],
  [{ PORT: '65536' }, 'PORT is "65536".'],
  [{ PORT: '3000x' }, 'PORT is "3000x".'],
  [{ HTTP_ADAPTER: 'koa' }, 'HTTP_ADAPTER is "koa". Write express or fastify.'],
  [{ NODE_ENV: 'prod' }, 'NODE_ENV is "prod". Write development, test or production.'],
  [{ NODE_ENV: 'production' }, 'NODE_ENV=production needs AUTH_SECRET, BASE_URL, DATABASE_URL.'],
  [{ AUTH_SECRET: 'short' }, 'AUTH_SECRET is too short. Write 32 bytes or more'],
  [{ DATABASE_URL: 'localhost' }, 'DATABASE_URL is no URL of a server.'],
  [{ DATABASE_URL: 'mysql://localhost/paws' }, 'DATABASE_URL is no URL of a server.'],
  [{ BASE_URL: 'https://paws.example/app' }, 'BASE_URL is "https://paws.example/app".'],
  [{ LINK_BUDGET: '2' }, 'LINK_BUDGET is "2". Write a duration from 0ms to 60s'],
  [{ LINK_BUDGET: '61s' }, 'LINK_BUDGET is "61s".'],
  [{ GUEST_EXPIRES_IN: '7 days' }, 'GUEST_EXPIRES_IN is "7 days".'],
  [{ EMAIL_VERIFICATION: 'yes' }, 'EMAIL_VERIFICATION is "yes". Write optional or required.'],
  [{ ENUMERATION: 'hide' }, 'ENUMERATION is "hide". Write reveal or conceal.'],
  [{ ENUMERATION: 'conceal' }, 'ENUMERATION=conceal needs EMAIL_VERIFICATION=required.'],
  [{ THROTTLE: 'no' }, 'THROTTLE is "no". Write on or off.'],
  [{ REDIS_URL: 'http://localhost' }, 'REDIS_URL is no URL of a server. Write redis://'],
  [{ REPEAT_SIGN_IN: 'never' }, 'REPEAT_SIGN_IN is "never". Write same-guest or reject.'],
];

describe('the settings of the example', () => {
  it.each(REFUSED)('refuses %j in one line', (variables, message) => {
    const refusal = refusalOf(variables);
    expect(refusal).toBeInstanceOf(StartError);
    expect(refusal.message.startsWith(message)).toBe(true);
    expect(refusal.message).not.toContain('\n');
  });

  it('has a default for everything, and takes an empty value for none', () => {
    expect(readConfig({ PORT: '', DATABASE_URL: ' ' })).toEqual(readConfig({}));
    expect(readConfig({})).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      app: {
        adapter: 'express',
        baseUrl: 'http://localhost:3000',
        trustedOrigins: ['http://localhost:3000', 'http://127.0.0.1:3000'],
      },
    });
  });

  it('trusts nobody but its own address in production', () => {
    const { app, host } = readConfig({
      NODE_ENV: 'production',
      BASE_URL: 'https://paws.example',
      AUTH_SECRET: 'x'.repeat(32),
      DATABASE_URL: 'postgres://localhost/paws',
    });
    expect([host, app.baseUrl, app.trustedOrigins]).toEqual([
      '0.0.0.0',
      'https://paws.example',
      [],
    ]);
  });
});

describe('npm start', () => {
  afterEach(endProcesses);

  it('ends with one line and exit code 1 when the secret is too short', async () => {
    const secret = 'not-long-enough';
    const errors = await failure({ PORT: await freePort(), AUTH_SECRET: secret });
    expect(errors).toMatch(/^AUTH_SECRET is too short\. .*\n$/);
    expect(errors).not.toContain(secret);
  });

  it('ends with one line and exit code 1 when the database does not answer', async () => {
    const closed = await freePort();
    const errors = await failure({
      PORT: await freePort(),
      DATABASE_URL: `postgres://paws:wonderful@127.0.0.1:${closed}/paws`,
    });
    expect(errors).toMatch(/^Cannot use the database at 127\.0\.0\.1:\d+ \(DATABASE_URL\): .*\n$/);
    expect(errors).not.toContain('wonderful');
  });

  it('ends with one line and exit code 1 when the port is in use, and starts no database', async () => {
    const other = createServer().listen(Number(await freePort()), '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    try {
      // A folder that no database could be in: it would be the one to complain.
      const errors = await failure({ PORT: String(port), DATA_DIR: import.meta.filename });
      expect(errors).toBe(`Port ${port} is in use. Set PORT to another one.\n`);
    } finally {
      other.close();
    }
  });
});

async function failure(variables: Record<string, string>): Promise<string> {
  const [, ...program] = manifest.scripts.start.split(' ');
  const paws = new PawsProcess(variables, program);
  expect(await paws.exitCode).toBe(1);
  return paws.errors;
}

function refusalOf(variables: Record<string, string>): Error {
  try {
    readConfig(variables);
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was taken');
}
