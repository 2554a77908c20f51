/** An answer as better-auth's client gives it: with data, or with an error. */
export type Answer<Data, Failure = AnswerError> =
  { readonly data: Data; readonly error: null } | { readonly data: null; readonly error: Failure };

/** An error that the server answered. A request that gets no answer rejects, as everywhere in better-auth's client. */
export interface AnswerError {
  /** Of the answer, such as 409. */
  readonly status: number;
  readonly statusText: string;
  /** What to branch on, such as `EMAIL_TAKEN`. */
  readonly code?: string;
  /** For people. */
  readonly message?: string;
}

/**
 * What this package needs of the client that `createAuthClient` returns, for whichever framework. Nothing of better-auth is
 * imported, so every version that has these members will do.
 */
export interface BetterAuthClient<Session = unknown> {
  readonly $fetch: AuthFetch;
  readonly $store: AuthStore;
  /** Only a type: `session` and `user`, with the fields of the client's plugins. */
  readonly $Infer: { readonly Session: Session };
}

/** The client's `fetch`, which knows the base URL, the credential and the hooks. */
export type AuthFetch = (path: string, options: AuthFetchOptions) => Promise<unknown>;

/** What of the options of the client's `fetch` is used here. */
export interface AuthFetchOptions extends RequestOptions {
  readonly method: 'GET' | 'POST';
  readonly body?: object;
  /** `false`: answers are given as an {@link Answer}, whatever the client's own options say. */
  readonly throw?: boolean;
  onRequest?(request: OutgoingRequest): void;
}

/** A request as a hook may see and change it. */
export interface OutgoingRequest {
  readonly url: URL | string;
  readonly headers: Headers;
}

/** What a single call may ask for. */
export interface RequestOptions {
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
  /** Milliseconds after which the request is given up. */
  readonly timeout?: number;
}

/** The client's stores. */
export interface AuthStore {
  notify(signal: '$sessionSignal'): void;
}
