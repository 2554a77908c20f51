import type { LinkOutcome, Pair } from './product.js';
import type { ModelUser } from './owners.js';

export const GUEST_DAYS = 7;
export const CLAIM_DAYS = 30;
export const SESSION_DAYS = 30;
export const STALE_DAYS = 30;

export interface AccountSession {
  readonly user: ModelUser;
  expires: number;
  isOver: boolean;
}

/** What a browser has, or had. */
export interface Credential {
  readonly user: ModelUser;
  readonly epoch: number;
  readonly issued: number;
  /** Guests have none. */
  readonly session?: AccountSession;
}

export interface ModelLink extends Pair {
  readonly policy: string;
  status: string;
  receipt: LinkOutcome['receipt'];
}

/** In these the guest is on its way to the account, or there. */
const TAKEN_OVER = ['pending', 'merged'];

/** Everybody in a story, and which of their credentials are good. Days pass only when somebody waits. */
export class Cast {
  readonly users: ModelUser[] = [];
  readonly links: ModelLink[] = [];
  protected readonly browsers: (Credential | undefined)[] = [];
  protected readonly handedOut: Credential[] = [];
  protected day = 0;

  get guestsMade(): number {
    return this.users.filter(({ wasGuest }) => wasGuest).length;
  }

  get accounts(): number {
    return this.users.filter(({ kind }) => kind === 'account').length;
  }

  isTaken(email: string): boolean {
    return this.owner(email) !== undefined;
  }

  isSomebody(by: number): boolean {
    return this.live(by) !== undefined;
  }

  /** Who calls a guarded route. That keeps the session alive, and notes the visit. */
  protected guard(by: number): Credential | undefined {
    const live = this.live(by);
    if (!live) return undefined;
    live.user.lastSeen = this.day;
    const life = live.session ? SESSION_DAYS : GUEST_DAYS;
    if (this.day >= live.issued + life / 2) {
      if (live.session) live.session.expires = this.day + SESSION_DAYS;
      this.hand(by, { ...live, issued: this.day });
    }
    return live;
  }

  protected live(by: number): Credential | undefined {
    const credential = this.browsers[by];
    return credential && this.isLive(credential) ? credential : undefined;
  }

  /** Who may sign up and in: an expired guest as well. */
  protected claim(by: number): Credential | undefined {
    const credential = this.browsers[by];
    if (!credential) return undefined;
    const days = credential.session ? SESSION_DAYS : CLAIM_DAYS;
    return this.day < credential.issued + days ? credential : undefined;
  }

  protected isLive(credential: Credential): boolean {
    const { user, epoch, session } = credential;
    if (!this.isUnexpired(credential)) return false;
    if (!session) return this.isLiveGuest(credential) && !this.isTakenOver(user);
    return !session.isOver && this.day < session.expires && epoch === user.epoch;
  }

  protected isUnexpired({ issued, session }: Credential): boolean {
    return this.day < issued + (session ? SESSION_DAYS : GUEST_DAYS);
  }

  protected isLiveGuest({ user, epoch }: Credential): boolean {
    return user.kind === 'guest' && user.epoch === epoch;
  }

  protected isTakenOver({ name }: ModelUser): boolean {
    return this.links.some(({ guest, status }) => guest === name && TAKEN_OVER.includes(status));
  }

  protected owner(email: string): ModelUser | undefined {
    return this.users.find((user) => user.kind === 'account' && user.email === email);
  }

  protected find({ guest, account }: Pair): ModelLink | undefined {
    return this.links.find((link) => link.guest === guest && link.account === account);
  }

  protected newGuest(by: number): ModelUser {
    const user = this.newUser('guest', null);
    this.hand(by, { user, epoch: 0, issued: this.day });
    return user;
  }

  protected newUser(kind: 'guest' | 'account', email: string | null): ModelUser {
    const empty = { notes: [], tags: new Map<string, string>(), credits: null };
    const wasGuest = kind === 'guest';
    const user = {
      name: this.users.length,
      wasGuest,
      kind,
      epoch: 0,
      lastSeen: this.day,
      email,
      ...empty,
    };
    this.users.push(user);
    return user;
  }

  protected hand(by: number, credential: Credential): void {
    this.browsers[by] = credential;
    this.handedOut.push(credential);
  }

  /** A new session, in place of the one that an account was using. */
  protected enter(by: number, user: ModelUser): void {
    const before = this.claim(by)?.session;
    if (before) before.isOver = true;
    const session = { user, expires: this.day + SESSION_DAYS, isOver: false };
    this.hand(by, { user, epoch: user.epoch, issued: this.day, session });
  }
}
