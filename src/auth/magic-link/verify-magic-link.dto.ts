import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional, IsString, MaxLength } from 'class-validator';
import { IsRedirect } from '../requests/redirect.js';

/** The query of a script that ends the flow. */
export class FetchMagicLinkDto {
  @ApiProperty()
  @IsString()
  @MaxLength(512)
  token!: string;

  @ApiPropertyOptional({ description: 'Where to go next; comes back as `url`' })
  @IsOptional()
  @IsRedirect()
  callbackURL?: string;

  @ApiPropertyOptional({ description: 'The same for an account that is new' })
  @IsOptional()
  @IsRedirect()
  newUserCallbackURL?: string;

  @ApiPropertyOptional({ description: 'Taken, because clients send it; errors come as errors' })
  @IsOptional()
  @IsRedirect()
  errorCallbackURL?: string;
}

/** What the page behind the link posts, and what a page of the app may. */
export class VerifyMagicLinkDto extends FetchMagicLinkDto {
  @ApiPropertyOptional({ description: 'false: the cookie ends with the browser' })
  @IsOptional()
  @IsBoolean()
  rememberMe?: boolean;
}
