import { ApiProperty } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';
import { IsLine } from '../http/is-line.js';

export class AddItemDto {
  @ApiProperty({ example: 'ball', maxLength: 64 })
  @IsLine(64)
  sku!: string;

  @ApiProperty({ example: 2, type: 'integer', minimum: 1, maximum: 999 })
  @IsInt()
  @Min(1)
  @Max(999)
  quantity!: number;
}
