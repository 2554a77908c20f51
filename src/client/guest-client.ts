import type {
  Answer,
  AnswerError,
  AuthFetch,
  AuthStore,
  RequestOptions,
} from './better-auth-client.js';
import type { Confirmation, Link, LinkDetails, LinkPreview } from './links.js';
import type { NewAccount, PendingUpgrade, UpgradedGuest } from './upgrade.js';

/** The actions that {@link guestClient} adds to a client. */
export interface GuestActions {
  readonly anonymous: {
    /**
     * The guest becomes an account: same id, same rows, a new session. Where addresses must be proven, the guest gets a mail
     * first, and `token` and `session` are `null`.
     * @returns an error `EMAIL_TAKEN` when the address belongs to an account: let them sign in to it instead.
     */
    upgrade(
      account: NewAccount,
      options?: ActionOptions,
    ): Promise<Answer<UpgradedGuest | PendingUpgrade>>;
  };
  readonly links: {
    /** The links of the calling account or guest, latest first. */
    list(options?: ActionOptions): Promise<Answer<Link[]>>;
    /** One link, with a preview of what confirming it would do. */
    get(id: string, options?: ActionOptions): Promise<Answer<LinkDetails>>;
    /**
     * The account takes the guest over. Where both sides confirm, either of them says yes, and the second makes it happen.
     * @returns `null` as data when there was nothing left to take over; an error `LINK_PREVIEW_STALE`, with the new
     * preview, when the merge would do something else by now; `LINK_CODE_MISMATCH` for the code of something else.
     */
    confirm(
      id: string,
      confirmation?: Confirmation,
      options?: ActionOptions,
    ): Promise<Answer<Link | null, ConfirmationError>>;
    /** The guest and the account stay two users. */
    decline(id: string, options?: ActionOptions): Promise<Answer<Link>>;
  };
}

/** What a single call of an action may ask for. */
export interface ActionOptions extends RequestOptions {
  /** `true`: `useSession` is not refreshed. @default false */
  readonly disableSignal?: boolean;
}

/** Why a confirmation was not carried out. */
export interface ConfirmationError extends AnswerError {
  /** What a merge would do now; with `LINK_PREVIEW_STALE`. */
  readonly preview?: LinkPreview;
}

/** Requests that change who is signed in, or what is known of them, and that no plugin of better-auth's own looks after. */
const CHANGES_SESSION = /^\/(anonymous|delete-anonymous-user|magic-link\/verify)$/;

/**
 * A plugin for better-auth's client, beside `anonymousClient()`. It adds `anonymous.upgrade` and `links`, and keeps
 * `useSession` up to date when a guest is upgraded, linked or deleted, or signs in by magic link.
 */
export function guestClient() {
  return {
    id: 'nestjs-anonymous' as const,
    getActions: ($fetch: AuthFetch, $store: AuthStore): GuestActions => actions($fetch, $store),
    atomListeners: [
      {
        matcher: (path: string): boolean => CHANGES_SESSION.test(path),
        signal: '$sessionSignal' as const,
      },
    ],
  };
}

function actions($fetch: AuthFetch, $store: AuthStore): GuestActions {
  const get = <Data>(path: string, options?: ActionOptions) =>
    $fetch(path, { ...options, method: 'GET', throw: false }) as Promise<Answer<Data>>;
  const post = <Data>(path: string, body: object, options?: ActionOptions) =>
    $fetch(path, { ...options, method: 'POST', body, throw: false }) as Promise<Answer<Data>>;
  const postAndRefresh = async <Data>(path: string, body: object, options?: ActionOptions) => {
    const answer = await post<Data>(path, body, options);
    // Not from a hook of the request: another hook, after it, may be the one that keeps the new token.
    if (!answer.error && !options?.disableSignal) $store.notify('$sessionSignal');
    return answer;
  };
  const pathOf = (id: string) => `/links/${encodeURIComponent(id)}`;

  return {
    anonymous: {
      upgrade: (account, options) => postAndRefresh('/anonymous/upgrade', account, options),
    },
    links: {
      list: (options) => get('/links', options),
      get: (id, options) => get(pathOf(id), options),
      confirm: (id, confirmation = {}, options) =>
        postAndRefresh(`${pathOf(id)}/confirm`, confirmation, options),
      decline: (id, options) => post(`${pathOf(id)}/decline`, {}, options),
    },
  };
}
