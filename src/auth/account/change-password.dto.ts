import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional } from 'class-validator';
import { IsHashable } from '../password/password.rules.js';

export class ChangePasswordDto {
  @ApiProperty()
  @IsHashable()
  currentPassword!: string;

  @ApiProperty({ minLength: 8, maxLength: 256 })
  @IsHashable()
  newPassword!: string;

  @ApiPropertyOptional({ description: 'true: everybody else who is signed in is out' })
  @IsOptional()
  @IsBoolean()
  revokeOtherSessions?: boolean;
}
