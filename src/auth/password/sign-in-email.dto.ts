import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional } from 'class-validator';
import { IsEmailAddress } from '../../users/email-address.js';
import { IsRedirect } from '../requests/redirect.js';
import { IsHashable } from './password.rules.js';

export class SignInEmailDto {
  @ApiProperty({ example: 'ada@example.com' })
  @IsEmailAddress()
  email!: string;

  @ApiProperty()
  @IsHashable()
  password!: string;

  @ApiPropertyOptional({ description: 'Where to go next; comes back as `url`' })
  @IsOptional()
  @IsRedirect()
  callbackURL?: string;

  @ApiPropertyOptional({ description: 'false: the cookie ends with the browser' })
  @IsOptional()
  @IsBoolean()
  rememberMe?: boolean;
}
