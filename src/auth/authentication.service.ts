import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import type { ErrorCode } from '../common/error-codes.js';
import { AnonymousException } from '../common/errors.js';
import { EVENTS } from '../common/events.js';
import {
  LOCK_NOT_AVAILABLE,
  runWaitingBriefly,
  SERIALIZATION_FAILURE,
  sqlStateOf,
  UNIQUE_VIOLATION,
} from '../common/sql.js';
import { FigureCounts } from '../users/figures/figure-counts.js';
import { isOutdatedStatement, PreparedStatements } from '../users/prepared-statements.js';
import type { User, UserId } from '../users/user.js';
import { UsersService } from '../users/users.service.js';
import { USERS_DATA_SOURCE } from '../users/users.tokens.js';
import { AccountLinker, type LinkView } from './account-linker.js';
import type { AccountContext } from './account/account-context.js';
import { type Arrival, ArrivalsService, type PreparedSignIn } from './arrivals/arrivals.service.js';
import { guestsOf } from './arrivals/bound-guest.js';
import { EntryService } from './arrivals/entry.service.js';
import { DomainEvents } from './domain-events.js';
import type { Proof } from './proof.js';
import { SessionCache } from './sessions/session-cache.js';
import type { IssuedSession, LiveSession } from './sessions/live-session.js';
import { SessionsService } from './sessions/sessions.service.js';
import type { SignInContext } from './sign-in-context.js';
import { TokenService } from './tokens/token.service.js';

/** Accounts that are tried when other unique values than the address collide. */
const MOST_ATTEMPTS = 3;
/** A user table of the host's may hold less than we take: too long for its column, refused by a CHECK of it. */
const UNFIT_VALUES: readonly (string | undefined)[] = ['22001', '23514'];

/** A new session of an account, and what its sign-in has set going. */
export interface SignedIn extends IssuedSession {
  /** What became of the guest that was there. `null` when there was none to link. */
  readonly link: LinkView | null;
  /** Whether the account has been made, or the guest has become one, just now. */
  readonly isNew: boolean;
}

interface Committed extends Omit<Arrival, 'user'> {
  readonly session: LiveSession;
}

/**
 * The one place where every sign-in ends, whatever its method, and the only creator of account sessions. That makes
 * linking complete by construction: a new method cannot forget it.
 */
@Injectable()
export class AuthenticationService {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly statements: PreparedStatements,
    private readonly users: UsersService,
    private readonly arrivals: ArrivalsService,
    private readonly entries: EntryService,
    private readonly sessions: SessionsService,
    private readonly cache: SessionCache,
    private readonly tokens: TokenService,
    private readonly linker: AccountLinker,
    private readonly events: DomainEvents,
    private readonly figures: FigureCounts,
  ) {}

  /**
   * Signs in whoever brought the proof.
   * @throws AnonymousException `EMAIL_TAKEN`, `ACCOUNT_NOT_FOUND`, `VALIDATION_FAILED` for a value that the user table
   * refuses, `NOT_ANONYMOUS`, `GUEST_MERGED`, `UPGRADE_DISABLED`, `LINK_REFUSED`,
   * `TEMPORARILY_UNAVAILABLE` while somebody holds the user's row, or the proof's refusal.
   */
  async complete(proof: Proof, context: SignInContext): Promise<SignedIn> {
    const { session, link, isNew, upgraded } = await this.prepareAndCommit(proof, context);
    this.cache.forget(session.user.id, ...(context.caller ? [context.caller.userId] : []));
    if (upgraded) {
      this.figures.countUpgrade(session.user);
      this.events.emit(EVENTS.guestUpgraded, { userId: session.user.id });
    }
    const followed = link && (await this.linker.follow(link));
    return { ...session, token: this.sign(session), link: followed, isNew };
  }

  /** Every token and session of an account is dead once the transaction commits, and so is what waits in its mailbox. */
  async signOutEverywhere(manager: EntityManager, userId: UserId): Promise<User> {
    const user = await this.users.raiseEpoch(manager, userId);
    await this.sessions.endAll(manager, userId);
    return user;
  }

  /**
   * Ends every session of an account and begins the one with which the caller goes on, in the transaction of whatever makes
   * the older ones worth nothing. Not a sign-in: the caller was this account before, so there is nobody to link.
   */
  async startOver(
    manager: EntityManager,
    { session, client }: AccountContext,
  ): Promise<IssuedSession> {
    const user = await this.signOutEverywhere(manager, session.user.id);
    const next = await this.sessions.begin(manager, user, client, session.endsWithBrowser);
    return { ...next, token: this.sign(next) };
  }

  private async prepareAndCommit(proof: Proof, context: SignInContext): Promise<Committed> {
    for (let attempt = 1; ; attempt += 1) {
      const prepared = await this.prepare(proof, context);
      try {
        return await this.commit(proof, context, prepared);
      } catch (error) {
        const code = await this.codeOf(sqlStateOf(error), proof);
        if (mayHelp(error, code, proof, prepared) && attempt < MOST_ATTEMPTS) continue;
        throw code ? new AnonymousException(code, { cause: error }) : error;
      }
    }
  }

  /** Before the transaction, because a policy may look at the database and take its time. */
  private async prepare(proof: Proof, { caller }: SignInContext): Promise<PreparedSignIn> {
    const guests = guestsOf(proof, caller);
    const { accountId, ...candidate } = await this.arrivals.look(proof, caller);
    const plan =
      guests.bound && accountId !== undefined
        ? await this.linker.plan(guests.bound, accountId)
        : 'merge';
    const mayInsert = accountId === undefined && !isUpgrade(proof);
    const hostColumns = mayInsert ? await this.users.hostColumns() : {};
    return { ...candidate, guests, plan, hostColumns };
  }

  /** What a client is told about a database error; nothing for those it can do nothing about. */
  private async codeOf(sqlState: string | undefined, proof: Proof): Promise<ErrorCode | undefined> {
    if (sqlState === LOCK_NOT_AVAILABLE) return 'TEMPORARILY_UNAVAILABLE';
    if (sqlState === SERIALIZATION_FAILURE) return 'TEMPORARILY_UNAVAILABLE';
    if (proof.kind === 'account') return undefined;
    if (UNFIT_VALUES.includes(sqlState)) return 'VALIDATION_FAILED';
    if (sqlState !== UNIQUE_VIOLATION) return undefined;
    const { email } = proof.kind === 'new-identity' ? proof.profile : proof;
    const isTaken =
      email === null
        ? proof.kind === 'new-identity'
        : await this.users.hasAddress(this.dataSource, email);
    return isTaken ? 'EMAIL_TAKEN' : 'VALIDATION_FAILED';
  }

  private async commit(
    proof: Proof,
    context: SignInContext,
    prepared: PreparedSignIn,
  ): Promise<Committed> {
    if (proof.kind === 'account') {
      const entry = await this.entries.enter(proof, prepared, context);
      return { ...entry, isNew: false, upgraded: false };
    }
    return runWaitingBriefly(this.dataSource, async (plain) => {
      const manager = this.statements.within(plain);
      const { user, ...arrival } = await this.arrivals.arrive(manager, proof, prepared);
      return { ...arrival, session: await this.begin(manager, user, context) };
    });
  }

  /** Begins the new session and ends the one that an account was using. */
  private async begin(
    manager: EntityManager,
    user: User,
    { caller, client, endsWithBrowser }: SignInContext,
  ): Promise<LiveSession> {
    if (caller && !caller.isGuest) await this.sessions.end(manager, caller.userId, caller.handle);
    return this.sessions.begin(manager, user, client, endsWithBrowser);
  }

  private sign(session: LiveSession): string {
    return this.tokens.sign({
      userId: session.user.id,
      handle: session.handle,
      epoch: session.user.epoch,
      isGuest: false,
      issuedAt: this.clock.now(),
      expiresAt: session.expiresAt,
      endsWithBrowser: session.endsWithBrowser,
    });
  }
}

function isUpgrade(proof: Proof): boolean {
  return proof.kind === 'new-identity' && proof.upgradeOnly;
}

/** Whether a unique value that was in the way may be another one, or somebody we know, the next time. */
function mayHelp(
  error: unknown,
  code: ErrorCode | undefined,
  proof: Proof,
  { holder, external }: PreparedSignIn,
): boolean {
  if (isOutdatedStatement(error)) return true;
  // A statement that stands alone has the level that the host gives all: a strict one does not read again after a wait.
  if (sqlStateOf(error) === SERIALIZATION_FAILURE) return true;
  if (sqlStateOf(error) !== UNIQUE_VIOLATION) return false;
  // Nobody has the address, so it is a value that the host has made up, and makes up anew.
  if (code === 'VALIDATION_FAILED') return true;
  // Somebody took the proven address while nobody seemed to have it: now it is known who.
  if (proof.kind === 'address') return !holder;
  // Or somebody came from the provider a moment ago, as the same person.
  return proof.kind === 'external' && external!.known === undefined;
}
