import 'reflect-metadata';
import {
  type CanActivate,
  Controller,
  createParamDecorator,
  type ExecutionContext,
  Get,
  Injectable,
  Module,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { betterAuth, type BetterAuthOptions } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { fromNodeHeaders, toNodeHandler } from 'better-auth/node';
import { anonymous } from 'better-auth/plugins/anonymous';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'pg';
import { ready } from './contender-process.js';
import { cheapHash, isCheapHash } from './hashing.js';
import { OWNED_TABLES, ownedTables } from './owned-tables.js';
import { ORIGIN, SECRET, settingOf } from './setting.js';

const { databaseUrl, poolSize, variant, isNew } = settingOf(process.argv);
const pool = new Pool({ connectionString: databaseUrl, max: poolSize });

/** What its documentation leaves to the host: the rows follow, in one transaction. */
async function moveRows(from: string, to: string): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    for (const table of OWNED_TABLES) {
      await client.query(`UPDATE ${table} SET user_id = $2 WHERE user_id = $1`, [from, to]);
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

const password = {
  hash: (plain: string) => Promise.resolve(cheapHash(plain)),
  verify: ({ hash, password: plain }: { hash: string; password: string }) =>
    Promise.resolve(isCheapHash(hash, plain)),
};

const options = {
  database: pool,
  secret: SECRET,
  baseURL: ORIGIN,
  emailAndPassword: { enabled: true, ...(variant.includes('own-hash') ? {} : { password }) },
  // On by default in production; nobody else in the bench counts requests.
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { level: 'error' },
  plugins: [
    anonymous({
      onLinkAccount: ({ anonymousUser, newUser }) =>
        moveRows(anonymousUser.user.id, newUser.user.id),
    }),
  ],
} satisfies BetterAuthOptions;

if (isNew) {
  await (await getMigrations(options)).runMigrations();
  await pool.query(ownedTables('"user"', 'text'));
}
const auth = betterAuth(options);

interface Caller {
  readonly id: string;
  readonly isAnonymous?: boolean | null;
}

async function callerOf(request: Pick<IncomingMessage, 'headers'>): Promise<Caller | undefined> {
  const found = await auth.api.getSession({ headers: fromNodeHeaders(request.headers) });
  return found?.user;
}

@Injectable()
class AuthGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context
      .switchToHttp()
      .getRequest<IncomingMessage & { user?: Caller | undefined }>();
    request.user = await callerOf(request);
    if (!request.user) throw new UnauthorizedException();
    return true;
  }
}

const User = createParamDecorator(
  (_: unknown, context: ExecutionContext) =>
    context.switchToHttp().getRequest<{ user: Caller }>().user,
);

@Controller()
class MeController {
  @Get('me')
  @UseGuards(AuthGuard)
  me(@User() { id, isAnonymous }: Readonly<Caller>) {
    return { userId: id, isAnonymous };
  }
}

@Module({ controllers: [MeController] })
class BenchModule {}

/** In Nest as its documentation has it: Express, its own body parser, its handler beside the app's routes. */
async function listenInNest(): Promise<number> {
  const app = await NestFactory.create(BenchModule, {
    bodyParser: false,
    logger: ['error', 'fatal'],
  });
  const handler = toNodeHandler(auth);
  app.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
    if (request.url?.startsWith('/api/auth/')) void handler(request, response);
    else next();
  });
  await app.listen(0, '127.0.0.1');
  return Number(new URL(await app.getUrl()).port);
}

function listenOnNode(): Promise<number> {
  const handler = toNodeHandler(auth);
  const answerMe = async (request: IncomingMessage, response: ServerResponse) => {
    const caller = await callerOf(request);
    response.writeHead(caller ? 200 : 401, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(caller ? { userId: caller.id, isAnonymous: caller.isAnonymous } : {}),
    );
  };
  const server = createServer((request, response) => {
    void (request.url === '/me' ? answerMe(request, response) : handler(request, response));
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

ready(await (variant.includes('nest') ? listenInNest() : listenOnNode()));
