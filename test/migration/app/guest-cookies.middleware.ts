import { Injectable, type NestMiddleware } from '@nestjs/common';
import { GuestsService } from '../../../src/index.js';
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { DataSource } from 'typeorm';
import { User } from './user.entity.js';

const OLD =
  /(?:^|; )((?:__Secure-)?better-auth\.session_token)=([\w-]+)\.((?:[\w+/=-]|%2B|%2F|%3D)+)(?=;|$)/i;
const OURS = '__Host-session';

/** Gives guests that come with better-auth's cookie a cookie of ours. Accounts sign in again. */
@Injectable()
export class GuestCookies implements NestMiddleware {
  constructor(
    private readonly dataSource: DataSource,
    private readonly guests: GuestsService,
  ) {}

  async use(request: IncomingMessage, response: ServerResponse, next: () => void): Promise<void> {
    const { cookie = '' } = request.headers;
    const [, name, token, signature] = OLD.exec(cookie) ?? [];
    if (!name || !token || !signature || cookie.includes(`${OURS}=`)) return next();
    const secure = name.startsWith('__Secure-') ? '; Secure' : '';
    response.appendHeader('set-cookie', `${name}=; Path=/; Max-Age=0${secure}`);
    const user = await this.guestOf(token, decodeURIComponent(signature));
    if (user) {
      const renewed = this.guests.renew({ user, handle: randomUUID() });
      const attributes = 'Path=/; Max-Age=2592000; HttpOnly; Secure; SameSite=Lax';
      response.appendHeader('set-cookie', `${OURS}=${renewed.token}; ${attributes}`);
      request.headers.cookie = `${cookie}; ${OURS}=${renewed.token}`;
    }
    next();
  }

  private async guestOf(token: string, signature: string): Promise<User | null> {
    const right = createHmac('sha256', process.env.BETTER_AUTH_SECRET!).update(token).digest();
    const shown = Buffer.from(signature, 'base64');
    if (shown.length !== right.length || !timingSafeEqual(shown, right)) return null;
    const [session] = await this.dataSource.query<{ userId: string }[]>(
      'SELECT "userId" FROM session WHERE token = $1 AND "expiresAt" > now()',
      [token],
    );
    // A guest that has signed out since, or has become an account, has another epoch.
    const guest = { id: session?.userId ?? '', isAnonymous: true, epoch: 0 };
    return this.dataSource.getRepository(User).findOneBy(guest);
  }
}
