import { ConflictException, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { AddPetDto } from './add-pet.dto.js';
import { Pet } from './pet.js';
import type { PetView } from './pet.view.js';

@Injectable()
export class PetsService {
  constructor(@InjectRepository(Pet) private readonly pets: Repository<Pet>) {}

  /** Oldest first. Nobody owns nothing. */
  async of(userId: string | undefined): Promise<Pet[]> {
    if (userId === undefined) return [];
    return this.pets.find({ where: { userId }, order: { createdAt: 'ASC', id: 'ASC' } });
  }

  /**
   * The unique key decides, so that two requests at the same time can't both be the first.
   * @throws ConflictException `PET_NAME_TAKEN`
   */
  async add(userId: string, { name, breed }: AddPetDto): Promise<PetView> {
    const [pet] = await this.pets.query<PetView[]>(
      `INSERT INTO pet (user_id, name, breed) VALUES ($1, $2, $3)
       ON CONFLICT (user_id, name) DO NOTHING RETURNING id, name, breed`,
      [userId, name, breed ?? null],
    );
    if (pet) return pet;
    throw new ConflictException({
      statusCode: 409,
      code: 'PET_NAME_TAKEN',
      message: 'You have a dog of this name already.',
    });
  }
}
