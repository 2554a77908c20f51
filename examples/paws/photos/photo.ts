import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { User } from '../../../src/index.js';
import { Pet } from '../pets/pet.js';

/** A picture of a dog. It names its owner too, so a merge moves it like any other row. */
@Entity('photo')
export class Photo {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'photo_pkey' })
  id!: string;

  @Column({ name: 'user_id', type: 'uuid' })
  @ForeignKey(() => User, { name: 'photo_user_id_fkey' })
  @Index('photo_user_id_idx')
  userId!: string;

  @Column({ name: 'pet_id', type: 'uuid' })
  @ForeignKey(() => Pet, { name: 'photo_pet_id_fkey' })
  @Index('photo_pet_id_idx')
  petId!: string;

  @Column({ type: 'text' })
  url!: string;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;
}
