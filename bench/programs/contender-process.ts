/** What the bench may ask of a contender beside its HTTP interface. */
export type Actions = Readonly<Record<string, (argument: unknown) => unknown>>;

export interface Ask {
  readonly id: number;
  readonly action: string;
  readonly argument: unknown;
}

const COMMON: Actions = {
  memory: () => {
    globalThis.gc?.();
    return process.memoryUsage().rss;
  },
  /** Kibibytes there, bytes here. */
  peakMemory: () => process.resourceUsage().maxRSS * 1024,
};

/** Says that the program listens, and answers what the bench asks. The program ends with the bench. */
export function ready(port: number, actions: Actions = {}): void {
  const all: Actions = { ...COMMON, ...actions };
  process.on('message', ({ id, action, argument }: Ask) => {
    void (async () => {
      try {
        process.send?.({ id, result: await all[action]!(argument) });
      } catch (error) {
        process.send?.({ id, error: error instanceof Error ? error.stack : String(error) });
      }
    })();
  });
  process.once('disconnect', () => process.exit());
  process.send?.({ port });
}
