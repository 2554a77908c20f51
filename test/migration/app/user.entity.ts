import type { AuthUser } from '../../../src/index.js';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('user')
@Index('user_address_key', { synchronize: false })
export class User implements AuthUser {
  @PrimaryColumn('text') id!: string;
  @Column('text', { nullable: true }) email!: string | null;
  @Column('boolean', { default: false }) emailVerified!: boolean;
  @Column('text', { nullable: true }) name!: string | null;
  @Column('text', { nullable: true }) image!: string | null;
  @Column('timestamptz', { default: () => 'now()' }) createdAt!: Date;
  @Column('timestamptz', { default: () => 'now()' }) updatedAt!: Date;
  @Column('boolean', { default: false }) isAnonymous!: boolean;

  @Column('integer', { default: 0 }) epoch!: number;
  @Column('timestamptz', { default: () => 'now()' }) lastSeenAt!: Date;
}
