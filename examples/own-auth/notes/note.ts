import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import { Member } from '../members/member.js';

@Entity('notes')
export class Note {
  @PrimaryGeneratedColumn()
  id!: number;

  @Index('notes_member_id_idx')
  @Column({ name: 'member_id', type: 'integer' })
  memberId!: number;

  @ManyToOne(() => Member, { nullable: false, onDelete: 'NO ACTION' })
  @JoinColumn({ name: 'member_id', foreignKeyConstraintName: 'notes_member_id_fkey' })
  member!: Member;

  @Column({ type: 'text' })
  text!: string;
}
