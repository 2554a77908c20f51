/** What may happen to a merge on its way: nothing, its handler fails, the network fails around the COMMIT, or the process dies. */
export const FATES = ['works', 'handler-fails', 'commit-lost', 'answer-lost', 'crash'] as const;
export type Fate = (typeof FATES)[number];

export type Policy = 'merge' | 'ask' | 'keep' | 'refuse';

/** A guest and an account, by their names: the user that was made first is 0. */
export interface Pair {
  readonly guest: number;
  readonly account: number;
}

/** Counts of one table in a receipt: moved, folded, dropped. */
export type Counts = readonly [moved: number, folded: number, dropped: number];

export interface LinkOutcome extends Pair {
  readonly status: string;
  readonly policy: string;
  readonly receipt: Readonly<Record<string, Counts>> | null;
}

/** What somebody sees of a step. Of a request whose server died nobody sees anything: its status is 0. */
export interface Outcome {
  readonly status: number;
  readonly code?: string;
  /** Who the step has acted as. */
  readonly user?: number | null;
  readonly isAnonymous?: boolean;
  readonly link?: LinkOutcome | null;
  readonly rows?: Rows;
  /** Guests that the reaper has removed, and that it has kept although they are stale. */
  readonly reaped?: number;
  readonly kept?: { readonly 'open-link': number; readonly 'owns-rows': number };
}

/** Everything that one user owns. */
export interface Rows {
  readonly notes: readonly string[];
  /** Text by name; a name is there once for each user. */
  readonly tags: Readonly<Record<string, string>>;
  /** `null` without a wallet. */
  readonly credits: number | null;
}

/** Everything that lasts. */
export interface State {
  /** By name; those that are gone are left out. */
  readonly users: Readonly<
    Record<number, Rows & { readonly isAnonymous: boolean; readonly email: string | null }>
  >;
  /** By `guest>account`. */
  readonly links: Readonly<Record<string, string>>;
  /** Whom each credential that was ever handed out stands for now, in their order. */
  readonly credentials: readonly (number | null)[];
}

export type Writing =
  | { readonly table: 'note'; readonly text: string }
  | { readonly table: 'tag'; readonly name: string; readonly text: string }
  | { readonly table: 'wallet' };

/** What both the library and the model of it can do. `by` is a browser. */
export interface Product {
  issue(by: number): Promise<Outcome> | Outcome;
  write(by: number, row: Writing): Promise<Outcome> | Outcome;
  read(by: number): Promise<Outcome> | Outcome;
  look(by: number): Promise<Outcome> | Outcome;
  upgrade(by: number, email: string): Promise<Outcome> | Outcome;
  signUp(by: number, email: string): Promise<Outcome> | Outcome;
  signIn(by: number, email: string, policy: Policy, fate: Fate): Promise<Outcome> | Outcome;
  signOut(by: number): Promise<Outcome> | Outcome;
  confirm(by: number, link: Pair, fate: Fate): Promise<Outcome> | Outcome;
  decline(by: number, link: Pair): Promise<Outcome> | Outcome;
  /** The same cookie in another browser: a second tab, or a thief. */
  copy(from: number, to: number): void;
  /** Time goes by. */
  wait(days: number): Promise<void> | void;
  /** Takes up every link whose merge has not been done. */
  reconcile(fate: Fate): Promise<void> | void;
  reap(contributors: 'keep' | 'delete'): Promise<Outcome> | Outcome;
  state(): Promise<State> | State;
}
