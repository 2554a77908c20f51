import { User } from '../../../../src/index.js';
import { Column, Entity, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';

@Entity('file')
export class StoredFile {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column('uuid', { name: 'user_id' }) userId!: string;
  @ManyToOne(() => User, { nullable: false }) @JoinColumn({ name: 'user_id' }) user!: User;
  /** `<user id>/<id>`. */
  @Column('text') key!: string;
}

/** Your client of S3. */
export abstract class ObjectStore {
  abstract copy(from: string, to: string): Promise<void>;
  abstract remove(key: string): Promise<void>;
}
