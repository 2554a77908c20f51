import { Body, Controller, Get, Post, UseGuards } from '@nestjs/common';
import {
  Column,
  DataSource,
  Entity,
  JoinColumn,
  ManyToOne,
  type MigrationInterface,
  PrimaryGeneratedColumn,
  type QueryRunner,
} from 'typeorm';
import {
  AccountOnly,
  CurrentUser,
  EnsureIdentity,
  GuestOnly,
  OptionalIdentity,
  type Principal,
  Public,
  SessionGuard,
  User,
} from '../../src/index.js';

/** A table that every guest and account may fill; nothing in it collides. */
@Entity('note')
export class Note {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @ManyToOne(() => User, { nullable: false, onDelete: 'NO ACTION' })
  @JoinColumn({ name: 'user_id' })
  user!: User;

  @Column({ type: 'text' })
  text!: string;
}

/** One for each user, so a merge needs somebody to decide. */
@Entity('wallet')
export class Wallet {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column({ name: 'user_id', type: 'uuid', unique: true })
  userId!: string;

  @Column({ type: 'integer', default: 0 })
  credits!: number;
}

export class CreateHostTables1763800000001 implements MigrationInterface {
  readonly name = 'CreateHostTables1763800000001';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE TABLE note (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES users (id), text text NOT NULL)`);
    await queryRunner.query(`CREATE TABLE wallet (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL UNIQUE REFERENCES users (id),
      credits integer NOT NULL DEFAULT 0)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE wallet, note');
  }
}

@Controller('notes')
export class NotesController {
  constructor(private readonly dataSource: DataSource) {}

  @Post()
  @EnsureIdentity()
  async add(@CurrentUser() user: Principal, @Body() body: { text?: string; fail?: string }) {
    if (body.fail === 'before') throw new Error('the handler failed before it wrote');
    const [note] = await this.dataSource.query(
      'INSERT INTO note (user_id, text) VALUES ($1, $2) RETURNING id, user_id AS "userId", text',
      [user.userId, body.text ?? ''],
    );
    if (body.fail === 'after') throw new Error('the handler failed after it wrote');
    return note;
  }

  @Get()
  @OptionalIdentity()
  list(@CurrentUser() user: Principal | null) {
    return this.dataSource.query('SELECT id, text FROM note WHERE user_id = $1 ORDER BY text', [
      user?.userId ?? null,
    ]);
  }
}

@Controller('access')
@UseGuards(SessionGuard)
export class AccessController {
  @Get('session')
  session(@CurrentUser() user: Principal) {
    return user;
  }

  @Get('account')
  @AccountOnly()
  account(@CurrentUser() user: Principal) {
    return user;
  }

  @Get('guest')
  @GuestOnly()
  guest(@CurrentUser() user: Principal) {
    return user;
  }

  @Get('optional')
  @OptionalIdentity()
  optional(@CurrentUser() user: Principal | null) {
    return { user };
  }

  @Get('ensure')
  @EnsureIdentity()
  ensure(@CurrentUser() user: Principal) {
    return user;
  }

  @Get('public')
  @Public()
  public(@CurrentUser() user: Principal | null) {
    return { user };
  }

  @Post('write')
  write(@CurrentUser() user: Principal) {
    return user;
  }
}

export const hostEntities = [Note, Wallet];
export const hostControllers = [NotesController, AccessController];
