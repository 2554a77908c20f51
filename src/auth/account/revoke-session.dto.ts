import { ApiProperty } from '@nestjs/swagger';
import { IsUUID } from 'class-validator';

export class RevokeSessionDto {
  @ApiProperty({ description: 'The `token` of a session in the list: its handle, no credential' })
  @IsUUID()
  token!: string;
}
