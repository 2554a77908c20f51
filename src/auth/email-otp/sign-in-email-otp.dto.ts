import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional, IsString, MaxLength } from 'class-validator';
import { IsEmailAddress } from '../../users/email-address.js';
import { IsName } from '../dto/is-name.js';
import { IsPicture } from '../dto/is-picture.js';
import { IsRedirect } from '../requests/redirect.js';

export class SignInEmailOtpDto {
  @ApiProperty({ example: 'ada@example.com' })
  @IsEmailAddress()
  email!: string;

  /** Any text: what is no code at all is a wrong one. */
  @ApiProperty({ example: '012345' })
  @IsString()
  @MaxLength(512)
  otp!: string;

  @ApiPropertyOptional({ maxLength: 100, description: 'Of an account that is made by this' })
  @IsName()
  name?: string | null;

  @ApiPropertyOptional({ description: 'The same: URL of a picture' })
  @IsOptional()
  @IsPicture()
  image?: string | null;

  @ApiPropertyOptional({ description: 'Where to go next; comes back as `url`' })
  @IsOptional()
  @IsRedirect()
  callbackURL?: string;

  @ApiPropertyOptional({ description: 'The same for an account that is new' })
  @IsOptional()
  @IsRedirect()
  newUserCallbackURL?: string;

  @ApiPropertyOptional({ description: 'false: the cookie ends with the browser' })
  @IsOptional()
  @IsBoolean()
  rememberMe?: boolean;
}
