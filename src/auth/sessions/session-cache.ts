import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { UserId } from '../../users/user.js';
import { AUTH_SETTINGS, type AuthSettings } from '../auth.settings.js';
import type { SessionClaims } from '../tokens/session-claims.js';
import type { LiveSession } from './live-session.js';

const MOST_SESSIONS = 10_000;

/** Remembers live sessions for `session.cacheFor`, for reading requests only. Off by default. */
@Injectable()
export class SessionCache {
  private readonly sessions?: LRUCache<string, LiveSession>;
  /** The handles of a user's sessions that are remembered: a sign-in ends them, and must not look through all. */
  private readonly handles = new Map<UserId, Set<string>>();
  private forgettings = 0;

  constructor(@Inject(AUTH_SETTINGS) settings: AuthSettings) {
    if (settings.cacheForMs > 0) {
      this.sessions = new LRUCache({
        max: MOST_SESSIONS,
        ttl: settings.cacheForMs,
        dispose: (session, handle, reason) => {
          if (reason !== 'set') this.unlist(session.user.id, handle);
        },
      });
    }
  }

  find(claims: SessionClaims): LiveSession | undefined {
    const session = this.sessions?.get(claims.handle);
    return session?.user.epoch === claims.epoch ? session : undefined;
  }

  /** When a session is looked up, for {@link remember}: what is ended from now on may be alive in the answer. */
  now(): number {
    return this.forgettings;
  }

  /** @param since {@link now} before the session was looked up. */
  remember(session: LiveSession, since: number): void {
    if (!this.sessions || since !== this.forgettings) return;
    this.sessions.set(session.handle, session);
    const handles = this.handles.get(session.user.id) ?? new Set();
    this.handles.set(session.user.id, handles.add(session.handle));
  }

  /** Forgets every session of users, because something ended them. */
  forget(...userIds: readonly UserId[]): void {
    this.forgettings += 1;
    for (const userId of userIds) {
      for (const handle of this.handles.get(userId) ?? []) this.sessions?.delete(handle);
    }
  }

  private unlist(userId: UserId, handle: string): void {
    const handles = this.handles.get(userId);
    handles?.delete(handle);
    if (handles?.size === 0) this.handles.delete(userId);
  }
}
