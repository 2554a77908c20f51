import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';

/** The body of a confirmation. */
export class ConfirmLinkDto {
  @ApiPropertyOptional({ description: 'The `hash` of the preview that was shown' })
  @IsOptional()
  @Matches(/^[\w-]{43}$/, { message: '$property must be the hash of a preview' })
  preview?: string;
}
