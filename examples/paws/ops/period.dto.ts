import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';

/** Which days are asked for; today is the last. */
export class PeriodDto {
  @ApiPropertyOptional({ example: 30, minimum: 1, maximum: 366, default: 30 })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(366)
  days: number = 30;
}
