import { Body, Controller, Post, UseGuards } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CurrentUser, type Principal, SessionGuard } from '../../src/index.js';
import { Barrier } from './barrier.js';

/** Where a request of {@link StrictNotesController} stops, if the test has put a barrier there. */
export const stops: { beforeWrite?: Barrier; beforeCommit?: Barrier } = {};

const INSERT = (table: string) => `INSERT INTO ${table} (user_id, text) VALUES ($1, $2)`;

/** Writes for whoever is signed in and issues nobody, so that a write in flight can be held at any point. */
@Controller('strict-notes')
@UseGuards(SessionGuard)
export class StrictNotesController {
  constructor(private readonly dataSource: DataSource) {}

  /** The guard is passed, nothing is written yet. */
  @Post()
  async add(@CurrentUser() user: Principal, @Body() { text }: { text: string }) {
    await stops.beforeWrite?.pass();
    await this.dataSource.query(INSERT('note'), [user.userId, text]);
    return { text };
  }

  /** The row is written, and not committed. */
  @Post('transaction')
  async addInTransaction(@CurrentUser() user: Principal, @Body() { text }: { text: string }) {
    await this.dataSource.transaction(async (manager) => {
      await stops.beforeWrite?.pass();
      await manager.query(INSERT('note'), [user.userId, text]);
      await stops.beforeCommit?.pass();
    });
    return { text };
  }

  /** The row is written, and its foreign key is checked by the COMMIT. */
  @Post('deferred')
  async addDeferred(@CurrentUser() user: Principal, @Body() { text }: { text: string }) {
    await this.dataSource.transaction(async (manager) => {
      await manager.query(INSERT('deferred_note'), [user.userId, text]);
      await stops.beforeCommit?.pass();
    });
    return { text };
  }
}

export const DEFERRED_NOTES = `CREATE TABLE deferred_note (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id uuid NOT NULL REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED, text text NOT NULL)`;
