/** What the Web Storage API promises, as far as pages of this library need it. */
export class MemoryStorage {
  readonly items = new Map<string, string>();
  /** So many reads see what was there before: another tab writes at the same moment. */
  staleReads = 0;

  getItem(name: string): string | null {
    if (this.staleReads > 0) {
      this.staleReads -= 1;
      return null;
    }
    return this.items.get(name) ?? null;
  }

  setItem(name: string, value: string): void {
    this.items.set(name, value);
  }

  removeItem(name: string): void {
    this.items.delete(name);
  }
}

/** What the Web Locks API promises for exclusive locks: first come, first served, and a signal that ends the waiting. */
export class MemoryLocks {
  requested = 0;
  private readonly last = new Map<string, Promise<void>>();

  async request<Result>(
    name: string,
    { signal }: { signal?: AbortSignal },
    work: () => Promise<Result>,
  ): Promise<Result> {
    signal?.throwIfAborted();
    this.requested += 1;
    const before = this.last.get(name) ?? Promise.resolve();
    let release!: () => void;
    const over = new Promise<void>((resolve) => (release = resolve));
    this.last.set(
      name,
      before.then(() => over),
    );
    try {
      await orAborted(before, signal);
      return await work();
    } finally {
      release();
    }
  }
}

function orAborted(granted: Promise<void>, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    void granted.then(resolve);
  });
}
