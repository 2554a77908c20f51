import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsLine } from '../http/is-line.js';
import { IsText } from '../http/is-text.js';

/** The whole profile: what is left out is empty afterwards. */
export class WriteProfileDto {
  @ApiPropertyOptional({ example: 'Ada', maxLength: 60, nullable: true })
  @IsOptional()
  @IsLine(60)
  displayName?: string | null;

  @ApiPropertyOptional({ example: 'Lyon', maxLength: 60, nullable: true })
  @IsOptional()
  @IsLine(60)
  city?: string | null;

  @ApiPropertyOptional({ example: 'Two beagles, no cats.', maxLength: 500, nullable: true })
  @IsOptional()
  @IsText(500)
  bio?: string | null;
}
