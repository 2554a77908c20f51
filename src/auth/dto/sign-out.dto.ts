import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional, IsString, MaxLength } from 'class-validator';
import { IsRedirect } from '../requests/redirect.js';

/** What better-auth's client may send along, for a provider's own logout page. Signing out here leads nowhere. */
export class SignOutDto {
  @ApiPropertyOptional()
  @IsOptional()
  @IsRedirect()
  callbackURL?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsBoolean()
  disableRedirect?: boolean;

  @ApiPropertyOptional({ maxLength: 2048 })
  @IsOptional()
  @IsString()
  @MaxLength(2048)
  state?: string;
}
