import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional, IsString, MaxLength, ValidateIf } from 'class-validator';
import { IsHashable } from '../password/password.rules.js';
import { IsRedirect } from '../requests/redirect.js';

/** The query of the link in the mail. */
export class OpenVerificationDto {
  @ApiProperty()
  @IsString()
  @MaxLength(512)
  token!: string;
}

/** The query of a script that ends the flow. */
export class FetchVerificationDto extends OpenVerificationDto {
  @ApiPropertyOptional({ description: 'Where to go next; comes back as `url`' })
  @IsOptional()
  @IsRedirect()
  callbackURL?: string;
}

/** What the page behind the link posts, and what a page of the app may. */
export class VerifyEmailDto extends FetchVerificationDto {
  @ApiPropertyOptional({
    description: 'Of the account, or chosen with the sign-up: then what was there before stays',
  })
  @IsOptional()
  @ValidateIf((dto: VerifyEmailDto) => dto.password !== '')
  @IsHashable()
  password?: string;

  @ApiPropertyOptional({ description: 'false: the cookie ends with the browser' })
  @IsOptional()
  @IsBoolean()
  rememberMe?: boolean;
}
