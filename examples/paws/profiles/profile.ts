import { Column, Entity, ForeignKey, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { User } from '../../../src/index.js';

/** What somebody says about themselves, as far as they do. One for each user. */
@Entity('profile')
@Unique('profile_user_id_key', ['userId'])
export class Profile {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'profile_pkey' })
  id!: string;

  @Column({ name: 'user_id', type: 'uuid' })
  @ForeignKey(() => User, { name: 'profile_user_id_fkey' })
  userId!: string;

  @Column({ name: 'display_name', type: 'text', nullable: true })
  displayName!: string | null;

  @Column({ type: 'text', nullable: true })
  city!: string | null;

  @Column({ type: 'text', nullable: true })
  bio!: string | null;
}
