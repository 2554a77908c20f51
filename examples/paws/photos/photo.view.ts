import { ApiProperty } from '@nestjs/swagger';
import type { Photo } from './photo.js';

export class PhotoView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;

  @ApiProperty({ format: 'uuid' })
  readonly petId!: string;

  @ApiProperty({ example: 'https://pictures.example/rex.jpg' })
  readonly url!: string;
}

export function photoView({ id, petId, url }: Pick<Photo, 'id' | 'petId' | 'url'>): PhotoView {
  return { id, petId, url };
}
