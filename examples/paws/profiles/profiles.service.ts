import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { profileView, type ProfileView } from './profile.view.js';
import { Profile } from './profile.js';
import type { WriteProfileDto } from './write-profile.dto.js';

@Injectable()
export class ProfilesService {
  constructor(@InjectRepository(Profile) private readonly profiles: Repository<Profile>) {}

  async of(userId: string | undefined): Promise<ProfileView> {
    return profileView(userId === undefined ? null : await this.profiles.findOneBy({ userId }));
  }

  /** Puts this in the place of what was there. */
  async write(userId: string, profile: WriteProfileDto): Promise<ProfileView> {
    const { displayName, city, bio } = profileView(profile);
    await this.profiles.upsert({ userId, displayName, city, bio }, ['userId']);
    return { displayName, city, bio };
  }
}
