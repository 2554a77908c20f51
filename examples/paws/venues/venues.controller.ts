import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Venue } from './venue.js';

@ApiTags('venues')
@Controller('venues')
export class VenuesController {
  constructor(@InjectRepository(Venue) private readonly venues: Repository<Venue>) {}

  @Get()
  @ApiOperation({ summary: 'Every place, for everybody' })
  @ApiOkResponse({ type: [Venue] })
  list(): Promise<Venue[]> {
    return this.venues.find({ order: { name: 'ASC', id: 'ASC' } });
  }
}
