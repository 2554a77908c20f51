import { ConflictException, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import argon2 from 'argon2';
import { type EntityManager, QueryFailedError, type Repository } from 'typeorm';
import { Member } from './member.js';

const UNIQUE_VIOLATION = '23505';

/** The members of the app and their passwords. */
@Injectable()
export class MembersService {
  constructor(@InjectRepository(Member) private readonly members: Repository<Member>) {}

  hash(password: string): Promise<string> {
    return argon2.hash(password);
  }

  /** @throws ConflictException when somebody has the address. */
  async add(email: string, passwordHash: string): Promise<number> {
    try {
      const { id } = await this.members.save({ email: email.toLowerCase(), passwordHash });
      return id;
    } catch (error) {
      if (error instanceof QueryFailedError && codeOf(error) === UNIQUE_VIOLATION) {
        throw new ConflictException('This address is taken.');
      }
      throw error;
    }
  }

  /** Writes the password of a guest that is becoming a member, in the same transaction. */
  async setPassword(manager: EntityManager, id: number, passwordHash: string): Promise<void> {
    await manager.update(Member, { id }, { passwordHash });
  }

  /** The id of whoever has this address and this password. */
  async check(email: string, password: string): Promise<number | undefined> {
    const member = await this.members.findOneBy({ email: email.toLowerCase() });
    if (!member?.passwordHash) return undefined;
    return (await argon2.verify(member.passwordHash, password)) ? member.id : undefined;
  }
}

function codeOf({ driverError }: QueryFailedError): string | undefined {
  return (driverError as { code?: string }).code;
}
