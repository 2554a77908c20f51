import { Module } from '@nestjs/common';
import { clinic, declared } from './clinic.js';

@Module({ imports: [clinic(declared)] })
export class AppModule {}
