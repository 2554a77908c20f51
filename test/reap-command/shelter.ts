import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AnonymousModule, anonymousEntities, anonymousMigrations } from '../../src/index.js';

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env.DATABASE_URL,
      entities: anonymousEntities(),
      migrations: anonymousMigrations(),
    }),
    AnonymousModule.forRoot({ secret: 'x'.repeat(32), baseUrl: 'https://shelter.example' }),
  ],
})
export class ShelterModule {}
