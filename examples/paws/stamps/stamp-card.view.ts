import { ApiProperty } from '@nestjs/swagger';

export class StampCardView {
  @ApiProperty({ example: 3, type: 'integer' })
  readonly stamps!: number;

  @ApiProperty({ example: 0, type: 'integer' })
  readonly treats!: number;
}
