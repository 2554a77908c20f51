import { Client } from 'pg';
import { startEmbeddedPostgres } from '../../../scripts/embedded-postgres.mjs';
import { keptSecret, madeSecret } from '../config/kept-secret.js';
import type { PawsConfig } from '../config/config.js';
import { StartError } from '../start-error.js';

export interface Database {
  readonly url: string;
  readonly secret: string;
  /** Whether nobody gave the secret and nothing keeps it. */
  readonly isSecretForThisRun: boolean;
  /** Where an embedded server keeps its data. */
  readonly dataDir: string | undefined;
  close(): Promise<void>;
}

type Choice = Pick<PawsConfig, 'databaseUrl' | 'dataDir' | 'secret'>;

/** The server of DATABASE_URL, or an embedded one. */
export function openDatabase(choice: Choice): Promise<Database> {
  return choice.databaseUrl === undefined
    ? startEmbedded(choice)
    : useGiven(choice.databaseUrl, choice);
}

async function startEmbedded({ dataDir, secret }: Choice): Promise<Database> {
  const server = await startEmbeddedPostgres({ dataDir }).catch((cause: Error) => {
    throw new StartError(cause.message, { cause });
  });
  return {
    url: server.url(),
    secret: secret ?? (await keptSecret(server.dataDir)),
    isSecretForThisRun: false,
    dataDir: server.dataDir,
    close: () => server.stop(),
  };
}

async function useGiven(url: string, { secret }: Choice): Promise<Database> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    await client.end();
  } catch (cause) {
    const { hostname, port } = new URL(url);
    throw new StartError(
      `Cannot use the database at ${hostname}:${port || '5432'} (DATABASE_URL): ${reasonOf(cause)}`,
      { cause },
    );
  }
  return {
    url,
    secret: secret ?? madeSecret(),
    isSecretForThisRun: secret === undefined,
    dataDir: undefined,
    close: () => Promise.resolve(),
  };
}

/** A host with several addresses fails with one error for each and no message of its own. */
function reasonOf(error: unknown): string {
  const { message, code, errors } = error as Error & { code?: string; errors?: Error[] };
  return message || errors?.[0]?.message || code || 'unknown reason';
}
