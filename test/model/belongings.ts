import { Body, Controller, Get, Post } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  CurrentUser,
  EnsureIdentity,
  OptionalIdentity,
  owned,
  type Principal,
} from '../../src/index.js';
import type { Writing } from './product.js';

/** Beside the notes and wallets of every test's host: a table in which rows of guest and account can collide. */
export const SCHEMA = `CREATE TABLE tag (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id uuid NOT NULL REFERENCES users (id), name text NOT NULL, text text NOT NULL, UNIQUE (user_id, name))`;

export const TABLES = [owned('tag', { onCollision: 'keepAccount' })];

/** Everything that a user owns, as one row. */
export const ROWS = `
  (SELECT coalesce(json_agg(text ORDER BY text COLLATE "C"), '[]') FROM note WHERE user_id = u.id) AS notes,
  (SELECT coalesce(json_object_agg(name, text), '{}') FROM tag WHERE user_id = u.id) AS tags,
  (SELECT credits FROM wallet WHERE user_id = u.id) AS credits`;

@Controller('belongings')
export class BelongingsController {
  constructor(private readonly dataSource: DataSource) {}

  @Post()
  @EnsureIdentity()
  async write(@CurrentUser() { userId }: Principal, @Body() row: Writing) {
    if (row.table === 'note') {
      await this.run('INSERT INTO note (user_id, text) VALUES ($1, $2)', userId, row.text);
    } else if (row.table === 'tag') {
      await this.run(
        `INSERT INTO tag (user_id, name, text) VALUES ($1, $2, $3)
         ON CONFLICT (user_id, name) DO UPDATE SET text = excluded.text`,
        userId,
        row.name,
        row.text,
      );
    } else {
      await this.run(
        `INSERT INTO wallet (user_id, credits) VALUES ($1, 1)
         ON CONFLICT (user_id) DO UPDATE SET credits = wallet.credits + 1`,
        userId,
      );
    }
    return { user: { id: userId } };
  }

  @Get()
  @OptionalIdentity()
  async read(@CurrentUser() user: Principal | null) {
    const [rows] = await this.dataSource.query<unknown[]>(
      `SELECT ${ROWS} FROM (SELECT $1::uuid AS id) u`,
      [user?.userId ?? null],
    );
    return { user: user && { id: user.userId }, rows };
  }

  private run(sql: string, ...parameters: string[]): Promise<unknown> {
    return this.dataSource.query(sql, parameters);
  }
}
