import { Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { User } from '../../../src/index.js';
import { Venue } from '../venues/venue.js';

/** A place that somebody likes. There is nothing to it but who and which. */
@Entity('favourite')
export class Favourite {
  @PrimaryColumn({ name: 'user_id', type: 'uuid', primaryKeyConstraintName: 'favourite_pkey' })
  @ForeignKey(() => User, { name: 'favourite_user_id_fkey' })
  userId!: string;

  @PrimaryColumn({ name: 'venue_id', type: 'uuid', primaryKeyConstraintName: 'favourite_pkey' })
  @ForeignKey(() => Venue, { name: 'favourite_venue_id_fkey' })
  @Index('favourite_venue_id_idx')
  venueId!: string;
}
