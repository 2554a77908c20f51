import type { PawsOptions } from '../paws.options.js';
import { StartError } from '../start-error.js';
import { mailServerOf } from './mail.js';
import {
  addressesOf,
  durationOf,
  oneOf,
  originOf,
  portOf,
  redisUrlOf,
  secretOf,
  serverUrlOf,
} from './values.js';

/** Everything that the environment decides. */
export interface PawsConfig {
  readonly port: number;
  /** In development only this machine can reach the app, unless BASE_URL says that others shall. */
  readonly host: string;
  /** `undefined`: an embedded server that keeps its data in `dataDir`. */
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  /** `undefined`: one is made. */
  readonly secret: string | undefined;
  /** The port of the local provider; `undefined` for none. */
  readonly devProviderPort: number | undefined;
  readonly app: Omit<PawsOptions, 'databaseUrl' | 'secret' | 'devProvider'>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What a production start must be given; development has a default for each. */
const REQUIRED = ['AUTH_SECRET', 'BASE_URL', 'DATABASE_URL'];

/** @throws StartError in one line that names the variable and what it may be. */
export function readConfig(environment: Environment): PawsConfig {
  // `PORT= npm start` means "the default".
  const env: Environment = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value?.trim() !== ''),
  );
  const isProduction =
    oneOf(['development', 'test', 'production'], env, 'NODE_ENV') === 'production';
  if (isProduction) refuseMissing(env);
  const port = portOf(env, 'PORT') ?? 3000;
  const local = [`http://localhost:${port}`, `http://127.0.0.1:${port}`];
  const baseUrl = originOf(env, 'BASE_URL');
  const emailVerification = oneOf(['optional', 'required'], env, 'EMAIL_VERIFICATION');
  const enumeration = oneOf(['reveal', 'conceal'], env, 'ENUMERATION');
  if (enumeration === 'conceal' && emailVerification !== 'required') {
    throw new StartError('ENUMERATION=conceal needs EMAIL_VERIFICATION=required.');
  }
  if (isProduction && emailVerification === 'required' && env.SMTP_URL === undefined) {
    throw new StartError('EMAIL_VERIFICATION=required needs SMTP_URL, where mail goes.');
  }
  return {
    port,
    host: isProduction || baseUrl ? '0.0.0.0' : '127.0.0.1',
    databaseUrl: serverUrlOf(env, 'DATABASE_URL'),
    dataDir: env.DATA_DIR ?? '.data',
    secret: secretOf(env, 'AUTH_SECRET'),
    devProviderPort: isProduction ? undefined : (port + 1) % 65_536,
    app: {
      adapter: oneOf(['express', 'fastify'], env, 'HTTP_ADAPTER') ?? 'express',
      baseUrl: baseUrl ?? local[0]!,
      trustedOrigins: isProduction ? [] : local,
      linkBudget: durationOf(env, 'LINK_BUDGET', { from: '0ms', to: '60s' }),
      linkPolicy: oneOf(['merge', 'ask', 'keep', 'refuse'], env, 'LINK_POLICY'),
      guestExpiresIn: durationOf(env, 'GUEST_EXPIRES_IN', { from: '1s', to: '3650d' }),
      emailVerification,
      enumeration,
      smtpUrl: mailServerOf(env, 'SMTP_URL'),
      hasDevInbox: !isProduction && env.SMTP_URL === undefined,
      isThrottled: oneOf(['on', 'off'], env, 'THROTTLE') !== 'off',
      redisUrl: redisUrlOf(env, 'REDIS_URL'),
      operators: addressesOf(env, 'OPERATORS'),
      repeatSignIn: oneOf(['same-guest', 'reject'], env, 'REPEAT_SIGN_IN'),
    },
  };
}

function refuseMissing(env: Environment): void {
  const missing = REQUIRED.filter((name) => env[name] === undefined);
  if (missing.length === 0) return;
  throw new StartError(
    `NODE_ENV=production needs ${REQUIRED.join(', ')}. Missing: ${missing.join(', ')}.`,
  );
}
