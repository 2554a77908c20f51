import { browser, type Storage } from './browser.js';

/** Less than the 60 seconds for which the server remembers a key, so that a key in use has not ended there. */
const LONGEST_USE_MS = 50_000;

/** Where nothing is stored, each client has a key of its own: on a server, clients are of different visitors. */
const memory = new WeakMap<object, string>();

/** The `Idempotency-Key` that all tabs of a browser use while they have no session. */
export class IssueKey {
  /**
   * @param owner Who remembers the key where there is no storage.
   * @param name Of the item in the storage.
   */
  constructor(
    private readonly owner: object,
    private readonly name: string,
  ) {}

  /** The key that was chosen last, or else a new one; `undefined` where nothing random can be had. */
  choose(): string | undefined {
    const present = this.read();
    if (present !== undefined) return present;
    const key = randomKey();
    if (key !== undefined) this.write(`${key}@${Date.now()}`);
    return key;
  }

  /** The key has done its work. One that another tab has chosen since then stays. */
  forget(key: string | undefined): void {
    if (this.read() !== key) return;
    memory.delete(this.owner);
    attempt((storage) => storage.removeItem(this.name));
  }

  private read(): string | undefined {
    const item = attempt((storage) => storage.getItem(this.name)) ?? memory.get(this.owner) ?? '';
    const [, key, chosenAt] = /^([\da-f]{32})@(\d+)$/.exec(item) ?? [];
    const ageMs = Date.now() - Number(chosenAt);
    return ageMs >= 0 && ageMs < LONGEST_USE_MS ? key : undefined;
  }

  private write(item: string): void {
    const isStored = attempt((storage) => {
      storage.setItem(this.name, item);
      return true;
    });
    if (!isStored) memory.set(this.owner, item);
  }
}

/** 128 random bits. `randomUUID` would do, but is missing on pages without https. */
function randomKey(): string | undefined {
  const bytes = globalThis.crypto?.getRandomValues(new Uint8Array(16));
  return bytes && Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Storage throws when it is full, and in private or embedded pages at the first touch. */
function attempt<Result>(use: (storage: Storage) => Result): Result | undefined {
  try {
    const storage = browser()?.localStorage;
    return storage && use(storage);
  } catch {
    return undefined;
  }
}
