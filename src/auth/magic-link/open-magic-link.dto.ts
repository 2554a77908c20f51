import { ApiProperty } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';

/** The query of the link in the mail. */
export class OpenMagicLinkDto {
  @ApiProperty()
  @IsString()
  @MaxLength(512)
  token!: string;
}
