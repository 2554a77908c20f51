import { ApiProperty } from '@nestjs/swagger';

export class FavouriteView {
  @ApiProperty({ format: 'uuid' })
  readonly venueId!: string;
}
