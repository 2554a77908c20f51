import { Injectable } from '@nestjs/common';
import { type MergeContext, MergeHandler, User } from '../../../../src/index.js';
import { Column, Entity, JoinColumn, ManyToOne, PrimaryGeneratedColumn, Unique } from 'typeorm';

@Entity()
@Unique(['user', 'slug'])
export class Page {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @ManyToOne(() => User, { nullable: false }) @JoinColumn({ name: 'user_id' }) user!: User;
  @Column('text') slug!: string;
}

@Injectable()
@MergeHandler(Page)
export class PageMergeHandler implements MergeHandler {
  async merge({ guest, account, manager }: MergeContext): Promise<void> {
    await manager.query(
      `UPDATE page SET user_id = $2, slug = CASE
         WHEN EXISTS (SELECT 1 FROM page taken WHERE taken.user_id = $2 AND taken.slug = page.slug)
         THEN slug || '-' || right(id::text, 12) ELSE slug END
       WHERE user_id = $1`,
      [guest.id, account.id],
    );
  }
}
