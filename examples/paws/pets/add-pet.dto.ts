import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsLine } from '../http/is-line.js';

export class AddPetDto {
  @ApiProperty({ example: 'Rex', maxLength: 60 })
  @IsLine(60)
  name!: string;

  @ApiPropertyOptional({ example: 'Beagle', maxLength: 60, nullable: true })
  @IsOptional()
  @IsLine(60)
  breed?: string | null;
}
