import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Venue } from './venue.js';
import { VenuesController } from './venues.controller.js';

@Module({ imports: [TypeOrmModule.forFeature([Venue])], controllers: [VenuesController] })
export class VenuesModule {}
