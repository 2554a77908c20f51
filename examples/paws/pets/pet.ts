import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { User } from '../../../src/index.js';

/** A dog. It can't collide with another, so a merge just gives it to the account. */
@Entity('pet')
export class Pet {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'pet_pkey' })
  id!: string;

  @Column({ name: 'user_id', type: 'uuid' })
  @ForeignKey(() => User, { name: 'pet_user_id_fkey' })
  @Index('pet_user_id_idx')
  userId!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text', nullable: true })
  breed!: string | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;
}
