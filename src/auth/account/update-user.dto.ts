import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsName } from '../dto/is-name.js';
import { IsPicture } from '../dto/is-picture.js';

/** What is absent stays as it is. */
export class UpdateUserDto {
  @ApiPropertyOptional({ maxLength: 100, nullable: true, description: 'null or empty: no name' })
  @IsName()
  name?: string | null;

  @ApiPropertyOptional({ nullable: true, description: 'URL of a picture; null: none' })
  @IsOptional()
  @IsPicture()
  image?: string | null;
}
