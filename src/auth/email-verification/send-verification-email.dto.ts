import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsEmailAddress } from '../../users/email-address.js';
import { IsRedirect } from '../requests/redirect.js';

export class SendVerificationEmailDto {
  @ApiProperty({ example: 'ada@example.com' })
  @IsEmailAddress()
  email!: string;

  @ApiPropertyOptional({ description: 'Where the page behind the link leads' })
  @IsOptional()
  @IsRedirect()
  callbackURL?: string;
}
