import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import type { ErrorCode } from '../common/error-codes.js';
import { AnonymousException } from '../common/errors.js';
import { EVENTS } from '../common/events.js';
import {
  LOCK_NOT_AVAILABLE,
  runInTransaction,
  sqlStateOf,
  UNIQUE_VIOLATION,
} from '../common/sql.js';
import type { User } from '../users/user.js';
import { USERS_DATA_SOURCE } from '../users/users.tokens.js';
import { AccountLinker, type LinkView } from './account-linker.js';
import { AddressProofsService } from './arrivals/address-proofs.service.js';
import { type Arrival, ArrivalsService, type PreparedSignIn } from './arrivals/arrivals.service.js';
import { guestsOf } from './arrivals/bound-guest.js';
import { DomainEvents } from './domain-events.js';
import type { Proof } from './proof.js';
import type { ClientInfo } from './requests/client-info.js';
import { SessionCache } from './sessions/session-cache.js';
import type { IssuedSession, LiveSession } from './sessions/live-session.js';
import { SessionsService } from './sessions/sessions.service.js';
import type { SessionClaims } from './tokens/session-claims.js';
import { TokenService } from './tokens/token.service.js';

/** For somebody who holds the user's row itself: waiting longer would keep a connection from everybody else. */
const LOCK_TIMEOUT_MS = 2_000;

/** Everything about a request that matters when it signs somebody in. */
export interface SignInContext {
  /** Who the request's credential names: a guest, an account that is signed in anew, or nobody. */
  readonly caller: SessionClaims | undefined;
  readonly client: ClientInfo;
  /** The person asked not to be remembered. @default false */
  readonly endsWithBrowser?: boolean;
}

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
    private readonly arrivals: ArrivalsService,
    private readonly addresses: AddressProofsService,
    private readonly sessions: SessionsService,
    private readonly cache: SessionCache,
    private readonly tokens: TokenService,
    private readonly linker: AccountLinker,
    private readonly events: DomainEvents,
  ) {}

  /**
   * Signs in whoever brought the proof.
   * @throws AnonymousException `EMAIL_TAKEN`, `NOT_ANONYMOUS`, `GUEST_MERGED`, `UPGRADE_DISABLED`, `LINK_REFUSED`,
   * `TEMPORARILY_UNAVAILABLE` while somebody holds the user's row, or the proof's refusal.
   */
  async complete(proof: Proof, context: SignInContext): Promise<SignedIn> {
    const { session, link, isNew, upgraded } = await this.prepareAndCommit(proof, context);
    this.cache.forget(session.user.id, ...(context.caller ? [context.caller.userId] : []));
    if (upgraded) this.events.emit(EVENTS.guestUpgraded, { userId: session.user.id });
    const followed = link && (await this.linker.follow(link));
    return { ...session, token: this.sign(session), link: followed, isNew };
  }

  private async prepareAndCommit(proof: Proof, context: SignInContext): Promise<Committed> {
    const prepared = await this.prepare(proof, context);
    try {
      return await this.commit(proof, context, prepared);
    } catch (error) {
      // Somebody took the proven address while nobody seemed to have it: now it is known who.
      const isTaken = sqlStateOf(error) === UNIQUE_VIOLATION && proof.kind === 'address';
      if (!isTaken || prepared.holder) throw refusalOf(error, proof);
    }
    try {
      return await this.commit(proof, context, await this.prepare(proof, context));
    } catch (error) {
      throw refusalOf(error, proof);
    }
  }

  /** Before the transaction, because a policy may look at the database and take its time. */
  private async prepare(proof: Proof, { caller }: SignInContext): Promise<PreparedSignIn> {
    const guests = guestsOf(proof, caller);
    const holder =
      proof.kind === 'address' ? await this.addresses.find(proof.email, caller) : undefined;
    const accountId = proof.kind === 'account' ? proof.userId : holder?.userId;
    const plan =
      guests.bound && accountId !== undefined
        ? await this.linker.plan(guests.bound, accountId)
        : 'merge';
    return { guests, holder, plan };
  }

  private commit(
    proof: Proof,
    context: SignInContext,
    prepared: PreparedSignIn,
  ): Promise<Committed> {
    return runInTransaction(this.dataSource, async (manager) => {
      await manager.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
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

/** What a client is told about a database error; the error itself where it can do nothing about it. */
function refusalOf(error: unknown, proof: Proof): unknown {
  const code = codeOf(sqlStateOf(error), proof);
  return code ? new AnonymousException(code, { cause: error }) : error;
}

function codeOf(sqlState: string | undefined, { kind }: Proof): ErrorCode | undefined {
  if (sqlState === LOCK_NOT_AVAILABLE) return 'TEMPORARILY_UNAVAILABLE';
  return sqlState === UNIQUE_VIOLATION && kind !== 'account' ? 'EMAIL_TAKEN' : undefined;
}
