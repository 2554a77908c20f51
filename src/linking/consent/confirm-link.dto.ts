import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, Length, Matches } from 'class-validator';

/** What a confirmation says beside yes. */
export interface LinkConfirmation {
  /** `hash` of the preview that was shown. Without it, whatever a merge does is agreed to. */
  readonly preview?: string;
  /** The `code` on the screen of the other side; needed where both sides confirm. */
  readonly code?: string;
}

/** The body of a confirmation. */
export class ConfirmLinkDto implements LinkConfirmation {
  @ApiPropertyOptional({ description: 'The `hash` of the preview that was shown' })
  @IsOptional()
  @Matches(/^[\w-]{43}$/, { message: '$property must be the hash of a preview' })
  preview?: string;

  @ApiPropertyOptional({
    description: 'The code that both screens show, for a link that guest and account confirm',
  })
  @IsOptional()
  @IsString({ message: '$property must be a text' })
  @Length(1, 32, { message: '$property must have 1 to 32 characters' })
  code?: string;
}
