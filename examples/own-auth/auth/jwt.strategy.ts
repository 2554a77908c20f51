import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { OWN_AUTH_OPTIONS, type OwnAuthOptions } from '../own-auth.options.js';
import type { CurrentMember } from './current-member.js';

/** The app's own access token. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor(@Inject(OWN_AUTH_OPTIONS) { jwtSecret }: OwnAuthOptions) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey: jwtSecret,
      algorithms: ['HS256'],
    });
  }

  validate({ sub }: { sub: string }): CurrentMember {
    return { id: Number(sub), isGuest: false };
  }
}
