import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { IsHashable } from '../../auth/password/password.rules.js';
import { IsRedirect } from '../../auth/requests/redirect.js';

export class DeleteUserDto {
  @ApiPropertyOptional({ description: 'Needed when the account has one' })
  @IsOptional()
  @IsHashable()
  password?: string;

  /** What better-auth's client may send along, for a mail that confirms the deletion. None is sent. */
  @ApiPropertyOptional()
  @IsOptional()
  @IsRedirect()
  callbackURL?: string;

  /** From such a mail, so that every one is refused. */
  @ApiPropertyOptional({ maxLength: 2048 })
  @IsOptional()
  @IsString()
  @MaxLength(2048)
  token?: string;
}
