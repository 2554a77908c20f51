import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { Venue } from '../venues/venue.js';

/** Who was where and when. It names a user without a foreign key, as logs do; so a merge has to be told of the column. */
@Entity('visit_log')
export class VisitLog {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'visit_log_pkey' })
  id!: string;

  @Column({ name: 'actor_id', type: 'uuid' })
  @Index('visit_log_actor_id_idx')
  actorId!: string;

  @Column({ name: 'venue_id', type: 'uuid' })
  @ForeignKey(() => Venue, { name: 'visit_log_venue_id_fkey' })
  @Index('visit_log_venue_id_idx')
  venueId!: string;

  @Column({ name: 'visited_at', type: 'timestamptz', default: () => 'now()' })
  visitedAt!: Date;
}
