/** The little of the Web Storage API that is needed. */
export interface Storage {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
  removeItem(name: string): void;
}

/** The little of the Web Locks API that is needed. */
export interface Locks {
  request<Result>(
    name: string,
    options: { readonly signal?: AbortSignal },
    work: () => Promise<Result>,
  ): Promise<Result>;
}

/** What the tabs of one browser share. Each part may be missing, and may throw when it is touched. */
interface Browser {
  readonly localStorage?: Storage;
  readonly navigator?: { readonly locks?: Locks };
}

/**
 * The browser around this page; `undefined` where there is none. Some servers have a `localStorage` and locks too, but
 * there they would be shared by all visitors, and so would the guest.
 */
export function browser(): Browser | undefined {
  return 'document' in globalThis ? (globalThis as Browser) : undefined;
}
