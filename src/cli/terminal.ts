/** Where a command writes. */
export interface Terminal {
  /** The report. */
  write(text: string): void;
  /** What is no part of the report. */
  complain(text: string): void;
  readonly isColoured: boolean;
  /** Where something that changes may be drawn, apart from the report; absent when nobody would see it. */
  readonly screen?: NodeJS.WriteStream;
  /** Columns that a line may take. */
  readonly width: number;
  /** Resolves when everything is written. */
  end(): Promise<void>;
}

const WIDEST = 110;

/**
 * The terminal of this process. From now on whatever else is printed to stdout, by the app that a command loads, goes to
 * stderr, so that stdout has the report and nothing beside it.
 */
export function takeTerminal({ stdout, stderr, env }: NodeJS.Process = process): Terminal {
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr) as typeof stdout.write;
  return {
    write: (text) => void write(text),
    complain: (text) => void stderr.write(text),
    screen: stderr.isTTY === true && env.TERM !== 'dumb' ? stderr : undefined,
    isColoured: stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb',
    width: Math.min(stdout.columns ?? WIDEST, WIDEST),
    end: () => new Promise((resolve) => void write('', () => resolve())),
  };
}
