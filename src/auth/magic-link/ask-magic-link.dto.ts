import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsEmailAddress } from '../../users/email-address.js';
import { IsName } from '../dto/is-name.js';
import { IsRedirect } from '../requests/redirect.js';

export class AskMagicLinkDto {
  @ApiProperty({ example: 'ada@example.com' })
  @IsEmailAddress()
  email!: string;

  @ApiPropertyOptional({ maxLength: 100, description: 'Of an account that is made by this link' })
  @IsName()
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
