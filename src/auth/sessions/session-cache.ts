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

  constructor(@Inject(AUTH_SETTINGS) settings: AuthSettings) {
    if (settings.cacheForMs > 0) {
      this.sessions = new LRUCache({ max: MOST_SESSIONS, ttl: settings.cacheForMs });
    }
  }

  find(claims: SessionClaims): LiveSession | undefined {
    const session = this.sessions?.get(claims.handle);
    return session?.user.epoch === claims.epoch ? session : undefined;
  }

  remember(session: LiveSession): void {
    this.sessions?.set(session.handle, session);
  }

  /** Forgets every session of users, because something ended them. */
  forget(...userIds: readonly UserId[]): void {
    const ended = new Set(userIds);
    for (const [handle, session] of this.sessions?.entries() ?? []) {
      if (ended.has(session.user.id)) this.sessions?.delete(handle);
    }
  }
}
