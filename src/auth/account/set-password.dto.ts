import { ApiProperty } from '@nestjs/swagger';
import { IsHashable } from '../password/password.rules.js';

export class SetPasswordDto {
  @ApiProperty({ minLength: 8, maxLength: 256 })
  @IsHashable()
  newPassword!: string;
}
