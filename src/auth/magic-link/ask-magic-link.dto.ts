import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, ValidateIf } from 'class-validator';
import { IsEmailAddress } from '../../users/email-address.js';
import { IsCleanText } from '../dto/is-clean-text.js';
import { IsRedirect } from '../requests/redirect.js';

export class AskMagicLinkDto {
  @ApiProperty({ example: 'ada@example.com' })
  @IsEmailAddress()
  email!: string;

  @ApiPropertyOptional({ maxLength: 100, description: 'Of an account that is made by this link' })
  @IsOptional()
  @ValidateIf((dto: AskMagicLinkDto) => dto.name !== '')
  @IsCleanText(100)
  name?: string | null;

  @ApiPropertyOptional({ description: 'Where the page behind the link leads' })
  @IsOptional()
  @IsRedirect()
  callbackURL?: string;

  @ApiPropertyOptional({ description: 'The same for an account that is new' })
  @IsOptional()
  @IsRedirect()
  newUserCallbackURL?: string;

  @ApiPropertyOptional({ description: 'The same for a link that works no more' })
  @IsOptional()
  @IsRedirect()
  errorCallbackURL?: string;
}
