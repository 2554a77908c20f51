import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { v4 as uuidv4 } from 'uuid';
import { AUTH_SETTINGS, type AuthSettings } from '../../auth/auth.settings.js';
import { DomainEvents } from '../../auth/domain-events.js';
import { LONGEST_NAME } from '../../auth/dto/is-name.js';
import { type HttpRequest, headerOf } from '../../auth/requests/http-request.js';
import { SessionCache } from '../../auth/sessions/session-cache.js';
import type { IssuedSession } from '../../auth/sessions/live-session.js';
import { SessionsService } from '../../auth/sessions/sessions.service.js';
import type { SessionClaims } from '../../auth/tokens/session-claims.js';
import { TokenService } from '../../auth/tokens/token.service.js';
import { Clock } from '../../common/clock.js';
import { AnonymousException } from '../../common/errors.js';
import { EVENTS } from '../../common/events.js';
import { sqlStateOf, UNIQUE_VIOLATION } from '../../common/sql.js';
import { OwnershipService } from '../../linking/ownership/ownership.service.js';
import { FigureCounts } from '../../users/figures/figure-counts.js';
import { PreparedStatements } from '../../users/prepared-statements.js';
import { PlaceholderAddresses } from '../../users/placeholder-addresses.js';
import type { User, UserId } from '../../users/user.js';
import { type NewGuest, UsersService } from '../../users/users.service.js';
import { USERS_DATA_SOURCE } from '../../users/users.tokens.js';
import { GuestEraser } from './guest-eraser.js';
import { GuestAdmission } from './guest-admission.service.js';
import { GUEST_SETTINGS, type GuestSettings } from './guest.settings.js';
import { type IssueKey, IssueKeysService } from './issue-keys.service.js';

/** Guests that are tried when what the host makes up for them is taken. */
const MOST_ATTEMPTS = 5;

/** A guest with its session and the token to hand out. */
export interface IssuedGuest extends IssuedSession {
  /** `false` when a parallel request with the same key issued the guest. */
  readonly isNew: boolean;
  readonly claims: SessionClaims;
  readonly key: IssueKey | undefined;
}

/** What the issuing request does next. */
export interface IssueOptions {
  /** `true` when nothing is written for the guest inside the same request. @default true */
  readonly isSettled?: boolean;
  /** `false` when the guest does not count towards `throttle.guests`: nobody outside has asked for it. @default true */
  readonly isLimited?: boolean;
}

/** Issues guests, one statement each, and removes them. */
@Injectable()
export class GuestsService {
  constructor(
    @Inject(USERS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(AUTH_SETTINGS) private readonly auth: AuthSettings,
    @Inject(GUEST_SETTINGS) private readonly settings: GuestSettings,
    private readonly clock: Clock,
    private readonly admission: GuestAdmission,
    private readonly statements: PreparedStatements,
    private readonly users: UsersService,
    private readonly placeholders: PlaceholderAddresses,
    private readonly keys: IssueKeysService,
    private readonly ownership: OwnershipService,
    private readonly sessions: SessionsService,
    private readonly cache: SessionCache,
    private readonly tokens: TokenService,
    private readonly eraser: GuestEraser,
    private readonly events: DomainEvents,
    private readonly figures: FigureCounts,
  ) {}

  /**
   * Issues a guest for a request, or answers the one that a parallel request with the same `Idempotency-Key` got.
   * @throws AnonymousException `INVALID_IDEMPOTENCY_KEY`, `INVALID_EMAIL_FORMAT`, `TOO_MANY_REQUESTS`,
   * `TEMPORARILY_UNAVAILABLE` when the gate cannot be asked; HttpException 403 from the gate.
   */
  async issue(
    request: HttpRequest,
    { isSettled = true, isLimited = true }: IssueOptions = {},
  ): Promise<IssuedGuest> {
    const key = this.keys.parse(headerOf(request, 'idempotency-key'));
    for (;;) {
      const user = await this.admission.during(request, key, isLimited, () =>
        this.insert(key, isSettled),
      );
      if (user) {
        this.figures.count('issued');
        this.events.emit(EVENTS.guestIssued, { guestId: user.id });
        return this.signedIn(user, key, true);
      }
      const shared = await this.join(key!);
      if (shared) return this.signedIn(shared, key, false);
    }
  }

  /** A new token for a guest that is here already. */
  renew(session: { user: User; handle: string }): IssuedGuest {
    return this.signedIn(session.user, undefined, false, session.handle);
  }

  /**
   * Deletes a guest and everything it owns.
   * @throws AnonymousException `DELETE_ANONYMOUS_USER_DISABLED`, `GUEST_MERGED`, `GUEST_HAS_DEPENDENTS`; nothing is
   * deleted then.
   */
  async delete(guestId: UserId): Promise<void> {
    if (!this.settings.allowDelete) throw new AnonymousException('DELETE_ANONYMOUS_USER_DISABLED');
    await this.eraser.erase(guestId);
    this.cache.forget(guestId);
  }

  /** @returns the new guest; `undefined` when the key has one. */
  private async insert(key: IssueKey | undefined, isSettled: boolean): Promise<User | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      const condition = key && this.keys.claim(key, isSettled);
      try {
        return await this.users.insertGuest(this.statements, await this.draft(), condition);
      } catch (error) {
        // What the host makes up for a guest, a handle or an address, somebody may have; it makes up another.
        if (sqlStateOf(error) !== UNIQUE_VIOLATION || attempt === MOST_ATTEMPTS) throw error;
      }
    }
  }

  /** The guest that the key has issued, unless the key is void by now. Then it is free for the next try. */
  private async join(key: IssueKey): Promise<User | undefined> {
    const known = await this.keys.find(key);
    if (!known) return undefined;
    const session = await this.sessions.find(this.claimsFor(known.guestId, 0, uuidv4()));
    const isVoid =
      !session ||
      (known.isSettled && (await this.ownership.ownsAnything(this.dataSource, known.guestId)));
    if (!isVoid) return session.user;
    await this.keys.revoke(key, known.guestId);
    return undefined;
  }

  private async draft(): Promise<NewGuest> {
    const row = (await this.placeholders.make(this.dataSource)) ?? { id: null, email: null };
    const name = (await this.settings.generateName?.())?.slice(0, LONGEST_NAME) ?? null;
    return { ...row, name };
  }

  private signedIn(
    user: User,
    key: IssueKey | undefined,
    isNew: boolean,
    handle: string = uuidv4(),
  ): IssuedGuest {
    const claims = this.claimsFor(user.id, user.epoch, handle);
    return {
      user,
      handle,
      expiresAt: claims.expiresAt,
      createdAt: user.createdAt,
      updatedAt: claims.issuedAt,
      ipAddress: null,
      userAgent: null,
      endsWithBrowser: false,
      token: this.tokens.sign(claims),
      claims,
      isNew,
      key,
    };
  }

  private claimsFor(userId: UserId, epoch: number, handle: string): SessionClaims {
    const issuedAt = this.clock.now();
    const expiresAt = new Date(issuedAt.getTime() + this.auth.guestTtlMs);
    return { userId, handle, epoch, isGuest: true, issuedAt, expiresAt, endsWithBrowser: false };
  }
}
