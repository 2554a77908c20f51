import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, ValidateIf } from 'class-validator';
import { IsCleanText } from '../dto/is-clean-text.js';
import { IsPicture } from '../dto/is-picture.js';

/** What is absent stays as it is. */
export class UpdateUserDto {
  @ApiPropertyOptional({ maxLength: 100, nullable: true, description: 'null or empty: no name' })
  @IsOptional()
  @ValidateIf((dto: UpdateUserDto) => dto.name !== '')
  @IsCleanText(100)
  name?: string | null;

  @ApiPropertyOptional({ nullable: true, description: 'URL of a picture; null: none' })
  @IsOptional()
  @IsPicture()
  image?: string | null;
}
