import {
  Column,
  Entity,
  ForeignKey,
  PrimaryGeneratedColumn,
  Unique,
  UpdateDateColumn,
} from 'typeorm';
import { User } from '../../../src/index.js';

/** A dog. Nobody has two of one name. */
@Entity('pet')
@Unique('pet_user_id_name_key', ['userId', 'name'])
export class Pet {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'pet_pkey' })
  id!: string;

  @Column({ name: 'user_id', type: 'uuid' })
  @ForeignKey(() => User, { name: 'pet_user_id_fkey' })
  userId!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text', nullable: true })
  breed!: string | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt!: Date;
}
