import { Body, Controller, Get, Post } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { CurrentUser, EnsureIdentity, OptionalIdentity } from '../../../src/index.js';
import type { CurrentMember } from '../auth/current-member.js';
import { AddNoteDto } from './add-note.dto.js';
import { Note } from './note.js';

@Controller('notes')
export class NotesController {
  constructor(@InjectRepository(Note) private readonly notes: Repository<Note>) {}

  /** Whoever has no token and no guest yet becomes a guest here. */
  @Post()
  @EnsureIdentity({ or: AuthGuard('jwt') })
  async add(
    @CurrentUser() { id: memberId }: CurrentMember,
    @Body() { text }: AddNoteDto,
  ): Promise<NoteView> {
    const { id } = await this.notes.save({ memberId, text });
    return { id, text };
  }

  @Get()
  @OptionalIdentity({ or: AuthGuard('jwt') })
  async list(@CurrentUser() member: CurrentMember | null): Promise<NoteView[]> {
    if (!member) return [];
    const notes = await this.notes.find({ where: { memberId: member.id }, order: { id: 'ASC' } });
    return notes.map(({ id, text }) => ({ id, text }));
  }
}

interface NoteView {
  readonly id: number;
  readonly text: string;
}
