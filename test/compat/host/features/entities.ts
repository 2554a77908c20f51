import { User } from 'nestjs-anonymous';
import { Column, Entity, JoinColumn, ManyToOne, PrimaryGeneratedColumn, Unique } from 'typeorm';

/** Changes hands by itself: no key contains its owner. */
@Entity('note')
export class Note {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @ManyToOne(() => User, { nullable: false })
  @JoinColumn({ name: 'user_id' })
  user!: User;

  @Column('text')
  text!: string;
}

/** One for each user: a merge handler folds the guest's into the account's. */
@Entity('wallet')
export class Wallet {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column({ name: 'user_id', type: 'uuid', unique: true })
  userId!: string;

  @Column('integer')
  credits!: number;
}

/** Each name once for each user: a declared strategy decides. */
@Entity('tag')
@Unique('tag_user_id_name_key', ['userId', 'name'])
export class Tag {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column({ name: 'user_id', type: 'uuid' })
  userId!: string;

  @Column('text')
  name!: string;
}
