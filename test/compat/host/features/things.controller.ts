import { Body, Controller, Get, Post, UseGuards } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { InjectDataSource } from '@nestjs/typeorm';
import {
  AccountOnly,
  CurrentUser,
  EnsureIdentity,
  GuestOnly,
  type Principal,
  SessionGuard,
} from 'nestjs-anonymous';
import { DataSource } from 'typeorm';
import { Note, Tag, Wallet } from './entities.js';
import { Heard } from './heard.js';

interface Things {
  readonly note?: string;
  readonly credits?: number;
  readonly tag?: string;
}

@Controller('things')
@UseGuards(SessionGuard)
export class ThingsController {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  @Post()
  @EnsureIdentity()
  async add(@CurrentUser() { userId, isAnonymous }: Principal, @Body() things: Things) {
    const { manager } = this.dataSource;
    if (things.note) await manager.insert(Note, { user: { id: userId }, text: things.note });
    if (things.credits) await manager.insert(Wallet, { userId, credits: things.credits });
    if (things.tag) await manager.insert(Tag, { userId, name: things.tag });
    return { userId, isAnonymous };
  }

  @Get()
  async list(@CurrentUser() { userId }: Principal) {
    const { manager } = this.dataSource;
    const notes = await manager.find(Note, {
      where: { user: { id: userId } },
      order: { text: 'ASC' },
    });
    const wallets = await manager.findBy(Wallet, { userId });
    const tags = await manager.find(Tag, { where: { userId }, order: { name: 'ASC' } });
    return {
      notes: notes.map(({ text }) => text),
      credits: wallets.map(({ credits }) => credits),
      tags: tags.map(({ name }) => name),
    };
  }

  @Post('checkout')
  @AccountOnly()
  checkout(@CurrentUser() { userId }: Principal) {
    return { userId };
  }

  @Get('for-guests')
  @GuestOnly()
  forGuests(@CurrentUser() { userId }: Principal) {
    return { userId };
  }
}

/** A host with Passport strategies of its own lists ours beside them. */
@Controller('passport')
export class PassportController {
  constructor(private readonly heard: Heard) {}

  @Get()
  @UseGuards(AuthGuard(['anonymous-session', 'anonymous-guest']))
  whoami(@CurrentUser() { userId }: Principal) {
    return { userId };
  }

  @Get('heard')
  events() {
    return { linked: this.heard.linked, folded: this.heard.folded };
  }
}
