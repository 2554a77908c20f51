import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, MaxLength, ValidateIf } from 'class-validator';

/** At least one of both. */
export class UnlinkAccountDto {
  @ApiPropertyOptional({ description: 'As in `list-accounts`; `credential` for the password' })
  @ValidateIf((dto: UnlinkAccountDto) => dto.providerId !== undefined)
  @IsString()
  @MaxLength(64)
  providerId?: string;

  @ApiPropertyOptional({
    description: '`id` of `list-accounts`; beside a `providerId` also its `accountId`',
  })
  @ValidateIf(
    (dto: UnlinkAccountDto) => dto.accountId !== undefined || dto.providerId === undefined,
  )
  @IsString()
  @MaxLength(255)
  accountId?: string;
}
