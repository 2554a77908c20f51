import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CliError, reasonOf } from '../cli.errors.js';
import { idleHttpAdapter } from './idle-http-adapter.js';
import { type DatabaseAccess, HostDatabases } from './host-databases.js';
import { loadRootModule, locate } from './root-module.js';

/** An app that has been put together and not started. */
export interface HostApp {
  readonly providers: Pick<INestApplicationContext, 'get'>;
  /** Closes the databases. No hook of the app runs, as none has run before. */
  close(): Promise<void>;
}

const READ_ONLY_VIOLATION = /read-only transaction/;
const POOLER_REFUSAL = /unsupported startup parameter/;

/**
 * Puts a host's app together and stops there: providers are constructed, but no lifecycle hook runs, so nothing refuses
 * the start, no timer begins and nobody listens. The database is read only unless the command writes.
 * @throws CliError when the app cannot be put together.
 */
export async function putTogether(
  app: string,
  cwd: string,
  access: DatabaseAccess = 'read',
): Promise<HostApp> {
  const location = locate(app, cwd);
  // Before the first line of the app runs.
  const databases = new HostDatabases(access);
  const root = await loadRootModule(location);
  const creation = NestFactory.create(root, idleHttpAdapter(), {
    logger: false,
    abortOnError: false,
  });
  try {
    const providers = await Promise.race([creation, databases.failure]);
    return { providers, close: () => databases.close() };
  } catch (error) {
    creation.catch(() => undefined);
    throw new CliError(explained(error), { cause: error });
  }
}

function explained(error: unknown): string {
  const reason = reasonOf(error);
  if (READ_ONLY_VIOLATION.test(reason)) {
    return `the app writes to the database while it is put together, and this command changes nothing: ${reason}`;
  }
  if (POOLER_REFUSAL.test(reason)) {
    return `a connection pooler refuses read-only connections: ${reason}. Connect to Postgres itself.`;
  }
  return isUnreachable(error)
    ? `cannot reach the database: ${reason}`
    : `cannot put the app together: ${reason}`;
}

/** Network, rights, no such database, no room: what is said before any statement is. */
function isUnreachable(error: unknown): boolean {
  const { code, errors, message } = error as Error & {
    code?: string;
    errors?: { code?: string }[];
  };
  const first = code ?? errors?.[0]?.code ?? '';
  return /^(E(?!RR_)[A-Z]+$|08|28|3D|53|57P)/.test(first) || /timeout/i.test(message);
}
