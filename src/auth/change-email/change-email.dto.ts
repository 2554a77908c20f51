import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsEmailAddress } from '../../users/email-address.js';
import { IsRedirect } from '../requests/redirect.js';

export class ChangeEmailDto {
  @ApiProperty({ example: 'ada@example.com' })
  @IsEmailAddress()
  newEmail!: string;

  @ApiPropertyOptional({ description: 'Where the page behind the link leads' })
  @IsOptional()
  @IsRedirect()
  callbackURL?: string;
}
