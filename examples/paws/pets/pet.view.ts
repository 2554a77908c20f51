import { ApiProperty } from '@nestjs/swagger';
import type { Pet } from './pet.js';

export class PetView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;

  @ApiProperty({ example: 'Rex' })
  readonly name!: string;

  @ApiProperty({ example: 'Beagle', type: String, nullable: true })
  readonly breed!: string | null;
}

export function petView({ id, name, breed }: Pet): PetView {
  return { id, name, breed };
}
