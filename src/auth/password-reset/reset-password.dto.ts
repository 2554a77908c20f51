import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength, ValidateIf } from 'class-validator';
import { IsHashable } from '../password/password.rules.js';
import { IsRedirect } from '../requests/redirect.js';

/** The query of the link in the mail. */
export class OpenPasswordResetDto {
  /** Empty in links that better-auth's server makes for nowhere. */
  @ApiPropertyOptional({ description: 'Page of the app that takes the new password' })
  @IsOptional()
  @ValidateIf((dto: OpenPasswordResetDto) => dto.callbackURL !== '')
  @IsRedirect()
  callbackURL?: string;
}

/** Clients may put the token into the query. */
export class ResetPasswordQueryDto {
  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  @MaxLength(512)
  token?: string;
}

export class ResetPasswordDto extends ResetPasswordQueryDto {
  @ApiProperty({ minLength: 8, maxLength: 256 })
  @IsHashable()
  newPassword!: string;
}
