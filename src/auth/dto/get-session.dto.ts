import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';

const FLAGS = ['true', 'false', '1', '0', ''];

/** What better-auth's client may send along. Every answer here is fresh, so neither changes anything. */
export class GetSessionDto {
  @ApiPropertyOptional({ enum: FLAGS })
  @IsOptional()
  @IsIn(FLAGS)
  disableCookieCache?: string;

  @ApiPropertyOptional({ enum: FLAGS })
  @IsOptional()
  @IsIn(FLAGS)
  disableRefresh?: string;
}
