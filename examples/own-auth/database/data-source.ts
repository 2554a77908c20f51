import type { DataSourceOptions } from 'typeorm';
import { anonymousEntities, anonymousMigrations } from '../../../src/index.js';
import { Member } from '../members/member.js';
import { Note } from '../notes/note.js';
import { CreateMembers1700000000001 } from './1700000000001-create-members.js';
import { AddGuests1763600000001 } from './1763600000001-add-guests.js';

/** The library's tables stand beside the app's; they refer to `members`. */
export function dataSourceOptions(url: string): DataSourceOptions {
  return {
    type: 'postgres',
    url,
    entities: [...anonymousEntities({ userEntity: Member }), Note],
    migrations: [
      CreateMembers1700000000001,
      AddGuests1763600000001,
      ...anonymousMigrations({ userEntity: Member }),
    ],
    migrationsRun: true,
    migrationsTransactionMode: 'all',
    uuidExtension: 'pgcrypto',
    installExtensions: false,
  };
}
