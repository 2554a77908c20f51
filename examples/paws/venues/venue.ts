import { ApiProperty } from '@nestjs/swagger';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** A place that welcomes dogs. Belongs to nobody, everybody may read it as it is. */
@Entity('venue')
export class Venue {
  @ApiProperty({ format: 'uuid' })
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'venue_pkey' })
  id!: string;

  @ApiProperty()
  @Column({ type: 'text' })
  name!: string;

  @ApiProperty()
  @Column({ type: 'text' })
  city!: string;

  @ApiProperty({ example: 'café' })
  @Column({ type: 'text' })
  kind!: string;

  @ApiProperty()
  @Column({ type: 'text' })
  description!: string;
}
