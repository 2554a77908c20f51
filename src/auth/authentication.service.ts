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
import { IdentitiesService } from '../users/identities.service.js';
import type { HostColumns } from '../users/user-inserts.js';
import type { User } from '../users/user.js';
import { UsersService } from '../users/users.service.js';
import { USERS_DATA_SOURCE } from '../users/users.tokens.js';
import {
  AccountLinker,
  type LinkPlan,
  type LinkView,
  type RecordedLink,
} from './account-linker.js';
import type { AccountContext } from './account/account-context.js';
import { AUTH_SETTINGS, type AuthSettings } from './auth.settings.js';
import { DomainEvents } from './domain-events.js';
import type { AccountProof, NewIdentityProof, Proof } from './proof.js';
import type { ClientInfo } from './requests/client-info.js';
import { SessionCache } from './sessions/session-cache.js';
import type { IssuedSession, LiveSession } from './sessions/live-session.js';
import { SessionsService } from './sessions/sessions.service.js';
import type { SessionClaims } from './tokens/session-claims.js';
import { TokenService } from './tokens/token.service.js';

/** For somebody who holds the user's row itself: waiting longer would keep a connection from everybody else. */
const LOCK_TIMEOUT_MS = 2_000;

/** Accounts that are tried when other unique values than the address collide. */
const MOST_ATTEMPTS = 3;
/** A user table of the host's may hold less than we take: too long for its column, refused by a CHECK of it. */
const UNFIT_VALUES: readonly (string | undefined)[] = ['22001', '23514'];

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
}

interface Committed {
  readonly session: LiveSession;
  readonly link: RecordedLink | null;
  readonly upgraded: boolean;
}

/**
 * The one place where every sign-in ends, whatever its method, and the only creator of account sessions. That makes
 * linking complete by construction: a new method cannot forget it.
 */
@Injectable()
export class AuthenticationService {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(AUTH_SETTINGS) private readonly settings: AuthSettings,
    private readonly clock: Clock,
    private readonly users: UsersService,
    private readonly identities: IdentitiesService,
    private readonly sessions: SessionsService,
    private readonly cache: SessionCache,
    private readonly tokens: TokenService,
    private readonly linker: AccountLinker,
    private readonly events: DomainEvents,
  ) {}

  /**
   * Signs in whoever brought the proof.
   * @throws AnonymousException `EMAIL_TAKEN`, `VALIDATION_FAILED` for a value that the user table refuses, `NOT_ANONYMOUS`, `GUEST_MERGED`, `UPGRADE_DISABLED`, `LINK_REFUSED`,
   * `TEMPORARILY_UNAVAILABLE` while somebody holds the user's row, or the proof's refusal.
   */
  async complete(proof: Proof, context: SignInContext): Promise<SignedIn> {
    const plan = await this.planFor(proof, context);
    const { session, link, upgraded } = await this.commit(proof, context, plan);
    if (context.caller) this.cache.forget(context.caller.userId);
    if (upgraded) this.events.emit(EVENTS.guestUpgraded, { userId: session.user.id });
    const followed = link && (await this.linker.follow(link));
    return { ...session, token: this.sign(session), link: followed };
  }

  /**
   * Ends every session of an account and begins the one with which the caller goes on, in the transaction of whatever makes
   * the older ones worth nothing. Not a sign-in: the caller was this account before, so there is nobody to link.
   */
  async startOver(
    manager: EntityManager,
    { session, client }: AccountContext,
  ): Promise<IssuedSession> {
    const user = await this.users.raiseEpoch(manager, session.user.id);
    await this.sessions.endAll(manager, user.id);
    const next = await this.sessions.begin(manager, user, client, session.endsWithBrowser);
    return { ...next, token: this.sign(next) };
  }

  /** Before the transaction, because a policy may look at the database and take its time. */
  private async planFor(proof: Proof, { caller }: SignInContext): Promise<LinkPlan> {
    if (proof.kind !== 'account' || !caller?.isGuest) return 'merge';
    return this.linker.plan({ id: caller.userId, epoch: caller.epoch }, proof.userId);
  }

  private async commit(proof: Proof, context: SignInContext, plan: LinkPlan): Promise<Committed> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const mayInsert = proof.kind === 'new-identity' && !proof.upgradeOnly;
        const hostColumns = mayInsert ? await this.users.hostColumns() : {};
        return await runInTransaction(this.dataSource, async (manager) => {
          await manager.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
          return proof.kind === 'account'
            ? this.enter(manager, proof, context, plan)
            : this.register(manager, proof, context, hostColumns);
        });
      } catch (error) {
        const code = await this.codeOf(sqlStateOf(error), proof);
        // Nobody has the address, so it is a value that the host has made up, and makes up anew.
        if (code === 'VALIDATION_FAILED' && isTwice(error) && attempt < MOST_ATTEMPTS) continue;
        throw code ? new AnonymousException(code, { cause: error }) : error;
      }
    }
  }

  /** What a client is told about a database error; nothing for those it can do nothing about. */
  private async codeOf(sqlState: string | undefined, proof: Proof): Promise<ErrorCode | undefined> {
    if (sqlState === LOCK_NOT_AVAILABLE) return 'TEMPORARILY_UNAVAILABLE';
    if (proof.kind !== 'new-identity') return undefined;
    if (UNFIT_VALUES.includes(sqlState)) return 'VALIDATION_FAILED';
    if (sqlState !== UNIQUE_VIOLATION) return undefined;
    const { email } = proof.profile;
    const isTaken = email === null || (await this.users.hasAddress(this.dataSource, email));
    return isTaken ? 'EMAIL_TAKEN' : 'VALIDATION_FAILED';
  }

  private async enter(
    manager: EntityManager,
    proof: AccountProof,
    context: SignInContext,
    plan: LinkPlan,
  ): Promise<Committed> {
    const { caller } = context;
    const user = await this.hold(manager, proof);
    if (!user) throw new AnonymousException(proof.refusal, { cause: 'outdated proof' });
    const link = caller?.isGuest
      ? await this.linker.record(manager, { id: caller.userId, epoch: caller.epoch }, user.id, plan)
      : null;
    return { session: await this.begin(manager, user, context), link, upgraded: false };
  }

  private hold(
    manager: EntityManager,
    { userId: id, epoch, secretHash }: AccountProof,
  ): Promise<User | undefined> {
    return secretHash === undefined
      ? this.users.holdAccount(manager, { id, epoch })
      : this.identities.holdPassword(manager, { id, epoch, secretHash });
  }

  private async register(
    manager: EntityManager,
    proof: NewIdentityProof,
    context: SignInContext,
    hostColumns: HostColumns,
  ): Promise<Committed> {
    const upgraded = await this.upgrade(manager, proof, context.caller);
    const user = upgraded ?? (await this.users.insertAccount(manager, proof.profile, hostColumns));
    await this.identities.add(manager, user.id, proof.identity);
    const session = await this.begin(manager, user, context);
    return { session, link: null, upgraded: upgraded !== undefined };
  }

  /** The calling guest as an account, or `undefined` when somebody new has to be made. */
  private async upgrade(
    manager: EntityManager,
    proof: NewIdentityProof,
    caller: SessionClaims | undefined,
  ): Promise<User | undefined> {
    if (!caller?.isGuest) return undefined;
    if (!this.settings.allowUpgrade) throw new AnonymousException('UPGRADE_DISABLED');
    const guest = { id: caller.userId, epoch: caller.epoch };
    const alive = this.linker.notTakenOver(`u.${this.users.table.columns.id}`);
    const user = await this.users.upgradeGuest(manager, guest, proof.profile, alive);
    if (user) {
      await this.linker.forget(manager, user.id);
      return user;
    }
    const found = await this.users.findById(manager, guest.id);
    if (found && !found.isAnonymous) throw new AnonymousException('NOT_ANONYMOUS');
    if (proof.upgradeOnly) throw new AnonymousException('GUEST_MERGED');
    return undefined;
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

function isTwice(error: unknown): boolean {
  return sqlStateOf(error) === UNIQUE_VIOLATION;
}
