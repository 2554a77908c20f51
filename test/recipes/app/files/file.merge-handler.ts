import { Injectable } from '@nestjs/common';
import { type DiscardContext, type MergeContext, MergeHandler } from '../../../../src/index.js';
import { StoredFile } from './file.entity.js';

@Injectable()
@MergeHandler(StoredFile)
export class FileMergeHandler implements MergeHandler {
  async merge({ guest, account, manager }: MergeContext): Promise<void> {
    await manager.update(StoredFile, { userId: guest.id }, { userId: account.id });
  }

  async discard({ guest, manager }: DiscardContext): Promise<void> {
    await manager.query(
      'INSERT INTO file_to_remove (key) SELECT key FROM file WHERE user_id = $1',
      [guest.id],
    );
  }
}
