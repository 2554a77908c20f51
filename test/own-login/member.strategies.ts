import {
  type CanActivate,
  type ExecutionContext,
  HttpException,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy as JwtStrategy } from 'passport-jwt';
import { Strategy as LocalStrategy } from 'passport-local';
import { DataSource } from 'typeorm';
import type { HttpRequest } from '../../src/index.js';

export const MEMBERS_SECRET = 'what the host signs its own tokens with, since long before';

/** What the host's controllers find on a request. */
export interface Member {
  readonly id: string;
}

@Injectable()
export class PasswordStrategy extends PassportStrategy(LocalStrategy, 'local') {
  constructor(private readonly dataSource: DataSource) {
    super({ usernameField: 'name' });
  }

  async validate(name: string, password: string): Promise<Member | false> {
    const [member] = await this.dataSource.query(
      'SELECT user_id AS id FROM member WHERE name = $1 AND password = $2',
      [name, password],
    );
    return member ?? false;
  }
}

@Injectable()
export class MemberStrategy extends PassportStrategy(JwtStrategy, 'jwt') {
  constructor() {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey: MEMBERS_SECRET,
      algorithms: ['HS256'],
    });
  }

  validate({ sub, fault }: { sub: string; fault?: string }): Member {
    if (fault === 'banned') throw new HttpException('banned', 403);
    if (fault === 'broken') throw new Error('the members cannot be looked up');
    if (fault === 'unknown') throw new UnauthorizedException();
    return { id: sub };
  }
}

/** A guard as a host without Passport writes it. */
@Injectable()
export class MemberGuard implements CanActivate {
  constructor(private readonly jwt: JwtService) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<HttpRequest>();
    const [, token] = String(request.headers.authorization).split(' ');
    try {
      const { sub } = await this.jwt.verifyAsync<{ sub: string }>(String(token));
      request.user = { id: sub };
      return true;
    } catch {
      return false;
    }
  }
}
