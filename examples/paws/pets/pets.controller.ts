import { Body, Controller, Get, Header, Post } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import {
  CurrentUser,
  EnsureIdentity,
  OptionalIdentity,
  type Principal,
} from '../../../src/index.js';
import { AddPetDto } from './add-pet.dto.js';
import { petView, PetView } from './pet.view.js';
import { PetsService } from './pets.service.js';

@ApiTags('pets')
@Controller('pets')
export class PetsController {
  constructor(private readonly pets: PetsService) {}

  @Get()
  @OptionalIdentity()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: "The caller's dogs" })
  @ApiOkResponse({ type: [PetView] })
  async list(@CurrentUser() user: Principal | null): Promise<PetView[]> {
    return (await this.pets.of(user?.userId)).map(petView);
  }

  @Post()
  @EnsureIdentity()
  @ApiOperation({ summary: 'Adds a dog; who has no identity becomes a guest' })
  @ApiCreatedResponse({ type: PetView })
  @ApiConflictResponse({ description: 'PET_NAME_TAKEN' })
  add(@CurrentUser() user: Principal, @Body() pet: AddPetDto): Promise<PetView> {
    return this.pets.add(user.userId, pet);
  }
}
