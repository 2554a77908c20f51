import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { AuthUser } from '../../../src/index.js';

/** The users of the app. The last three columns came with the guests. */
@Entity('members')
export class Member implements AuthUser {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'text', nullable: true })
  email!: string | null;

  @Column({ name: 'password_hash', type: 'text', nullable: true })
  passwordHash!: string | null;

  @Column({ name: 'is_guest', type: 'boolean', default: false })
  isAnonymous!: boolean;

  @Column({ type: 'integer', default: 0 })
  epoch!: number;

  @Column({ name: 'last_seen_at', type: 'timestamptz', default: () => 'now()' })
  lastSeenAt!: Date;
}
