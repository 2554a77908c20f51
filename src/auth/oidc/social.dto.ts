import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional, IsString, MaxLength } from 'class-validator';
import { IsCleanText } from '../dto/is-clean-text.js';
import { IsRedirect } from '../requests/redirect.js';

/** What `link-social` takes. */
export class LinkSocialDto {
  @ApiProperty({ example: 'google', description: 'The id of a provider in the options' })
  @IsString()
  @MaxLength(64)
  provider!: string;

  @ApiPropertyOptional({ description: 'Where to go in the end' })
  @IsOptional()
  @IsRedirect()
  callbackURL?: string;

  @ApiPropertyOptional({ description: 'The same when it does not work, with `?error=CODE`' })
  @IsOptional()
  @IsRedirect()
  errorCallbackURL?: string;

  @ApiPropertyOptional({ description: 'Comes back as `redirect: false`: the page goes by itself' })
  @IsOptional()
  @IsBoolean()
  disableRedirect?: boolean;

  @ApiPropertyOptional({ description: 'Who is going to sign in there, as far as the page knows' })
  @IsOptional()
  @IsCleanText(320)
  loginHint?: string;

  @ApiPropertyOptional({ description: 'Taken, because clients send it; changes nothing' })
  @IsOptional()
  @IsBoolean()
  requestSignUp?: boolean;
}

/** What `sign-in/social` takes. */
export class SignInSocialDto extends LinkSocialDto {
  @ApiPropertyOptional({ description: 'Where to go in the end with an account that is new' })
  @IsOptional()
  @IsRedirect()
  newUserCallbackURL?: string;

  @ApiPropertyOptional({ description: 'false: the cookie ends with the browser' })
  @IsOptional()
  @IsBoolean()
  rememberMe?: boolean;
}
