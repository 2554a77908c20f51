import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional } from 'class-validator';
import { IsEmailAddress } from '../../users/email-address.js';
import { IsName } from '../dto/is-name.js';
import { IsPicture } from '../dto/is-picture.js';
import { IsRedirect } from '../requests/redirect.js';
import { IsHashable } from './password.rules.js';

/** Body of sign-up and upgrade. */
export class SignUpEmailDto {
  @ApiProperty({ example: 'ada@example.com' })
  @IsEmailAddress()
  email!: string;

  @ApiProperty({ minLength: 8, maxLength: 256 })
  @IsHashable()
  password!: string;

  /** better-auth's client sends an empty name when the form has none. */
  @ApiPropertyOptional({ maxLength: 100 })
  @IsName()
  name?: string | null;

  @ApiPropertyOptional({ description: 'URL of a picture' })
  @IsOptional()
  @IsPicture()
  image?: string | null;

  @ApiPropertyOptional({ description: 'Where the verification mail leads' })
  @IsOptional()
  @IsRedirect()
  callbackURL?: string;

  @ApiPropertyOptional({ description: 'false: the cookie ends with the browser' })
  @IsOptional()
  @IsBoolean()
  rememberMe?: boolean;
}
