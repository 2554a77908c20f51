import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { isEmail } from 'class-validator';
import { Strategy } from 'passport-local';
import { MembersService } from '../members/members.service.js';
import type { CurrentMember } from './current-member.js';

/** E-mail address and password. Guards run before pipes, so nobody has looked at the body yet. */
@Injectable()
export class LocalStrategy extends PassportStrategy(Strategy, 'local') {
  constructor(private readonly members: MembersService) {
    super({ usernameField: 'email' });
  }

  async validate(email: unknown, password: unknown): Promise<CurrentMember | false> {
    if (!isEmail(email) || typeof password !== 'string') return false;
    const id = await this.members.check(email as string, password);
    return id === undefined ? false : { id, isGuest: false };
  }
}
