import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { AddPetDto } from './add-pet.dto.js';
import { Pet } from './pet.js';

@Injectable()
export class PetsService {
  constructor(@InjectRepository(Pet) private readonly pets: Repository<Pet>) {}

  /** Oldest first. Nobody owns nothing. */
  async of(userId: string | undefined): Promise<Pet[]> {
    if (userId === undefined) return [];
    return this.pets.find({ where: { userId }, order: { createdAt: 'ASC', id: 'ASC' } });
  }

  add(userId: string, { name, breed }: AddPetDto): Promise<Pet> {
    return this.pets.save({ userId, name, breed: breed ?? null });
  }
}
