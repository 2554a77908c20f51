import { ApiProperty } from '@nestjs/swagger';
import { IsUUID } from 'class-validator';
import { IsPictureUrl } from '../http/is-picture-url.js';

export class AddPhotoDto {
  @ApiProperty({ format: 'uuid', description: "One of the caller's dogs" })
  @IsUUID()
  petId!: string;

  @ApiProperty({ example: 'https://pictures.example/rex.jpg', maxLength: 2048 })
  @IsPictureUrl()
  url!: string;
}
