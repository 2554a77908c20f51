/** What the load process is asked to send. */
export interface Load {
  readonly port: number;
  readonly connections: number;
  /** Whole HTTP requests. With `durationMs` they are sent over and over, in turn; without it once each. */
  readonly requests: readonly string[];
  readonly durationMs?: number;
  readonly status: number;
}

/** What came of it. An answer of another status fails the whole load. */
export interface LoadResult {
  readonly answers: number;
  readonly ms: number;
  /** Milliseconds of each answer, ascending. */
  readonly latencies: readonly number[];
}
