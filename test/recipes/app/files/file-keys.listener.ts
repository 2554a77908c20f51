import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { InjectRepository } from '@nestjs/typeorm';
import { type AccountLinkedEvent, EVENTS } from '../../../../src/index.js';
import { Like, Repository } from 'typeorm';
import { ObjectStore, StoredFile } from './file.entity.js';

@Injectable()
export class FileKeys {
  constructor(
    @InjectRepository(StoredFile) private readonly files: Repository<StoredFile>,
    private readonly store: ObjectStore,
  ) {}

  @OnEvent(EVENTS.accountLinked, { suppressErrors: false })
  async rename({ guestId, accountId }: AccountLinkedEvent): Promise<void> {
    const files = await this.files.findBy({ userId: accountId, key: Like(`${guestId}/%`) });
    for (const { id, key } of files) {
      const renamed = `${accountId}/${id}`;
      await this.store.copy(key, renamed);
      await this.files.update({ id }, { key: renamed });
      await this.store.remove(key);
    }
  }
}
