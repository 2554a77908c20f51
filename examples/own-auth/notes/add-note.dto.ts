import { Length, Matches } from 'class-validator';

export class AddNoteDto {
  /** Postgres keeps no NUL in a text. */
  @Length(1, 1_000)
  @Matches(/^[^\0]*$/)
  text!: string;
}
