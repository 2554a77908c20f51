import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsEmailAddress } from '../../users/email-address.js';
import { IsRedirect } from '../requests/redirect.js';

export class RequestPasswordResetDto {
  @ApiProperty({ example: 'ada@example.com' })
  @IsEmailAddress()
  email!: string;

  @ApiPropertyOptional({ description: 'Page of the app that takes the new password; gets `token`' })
  @IsOptional()
  @IsRedirect()
  redirectTo?: string;
}
