import { ApiProperty } from '@nestjs/swagger';
import { IsUUID } from 'class-validator';
import { IsPictureUrl, LONGEST_PICTURE_URL } from '../http/is-picture-url.js';

export class AddPhotoDto {
  @ApiProperty({ format: 'uuid', description: "One of the caller's dogs" })
  @IsUUID()
  petId!: string;

  @ApiProperty({
    example: 'https://pictures.example/rex.jpg',
    maxLength: LONGEST_PICTURE_URL,
    description: 'An address, or a png, jpeg or webp of at most 40 kB as a data URL',
  })
  @IsPictureUrl()
  url!: string;
}
