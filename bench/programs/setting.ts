/** What the bench tells a contender; each is a process of its own. */
export interface Setting {
  readonly databaseUrl: string;
  /** Connections of the contender's one pool. */
  readonly poolSize: number;
  /** What distinguishes contenders that run the same program. */
  readonly variant: string;
  /** Whether the contender has to make its tables first. */
  readonly isNew: boolean;
}

export function settingOf(argv: readonly string[]): Setting {
  return JSON.parse(argv[2] ?? '') as Setting;
}

/** Same for everybody, in mails, cookies and the `Origin` of requests. */
export const ORIGIN = 'https://app.example';
export const SECRET = 'a secret for benchmarks that is long enough';
