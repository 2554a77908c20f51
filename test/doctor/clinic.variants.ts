import { type DynamicModule, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { clinic, declared, missing } from './clinic.js';

/** With everything declared. */
export const cured = () => Promise.resolve(clinic([...declared, ...missing]));

/** An app that would leave nothing of the database if it were allowed to. */
export const destructive = () =>
  clinic(declared, { dropSchema: true, synchronize: true, migrationsRun: true });

/** An app that writes before it has started. */
export const writing = (): DynamicModule => ({
  ...clinic(declared),
  providers: [
    {
      provide: 'SEEDED',
      inject: [DataSource],
      useFactory: (source: DataSource) =>
        source.query(`INSERT INTO appointment (user_id) SELECT id FROM users LIMIT 1`),
    },
  ],
});

@Module({})
export class UnrelatedModule {}

export const talkative = () => {
  console.log('hello from the app');
  return clinic(declared);
};

export const failing = (): DynamicModule => ({
  ...clinic(declared),
  providers: [
    {
      provide: 'BROKEN',
      useFactory: () => {
        throw new Error('the coffee machine is out of order\nand nobody knows why');
      },
    },
  ],
});

export const number = 42;
