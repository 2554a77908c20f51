import { NotFoundException } from '@nestjs/common';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Asset } from './asset.js';

/** A few files of one folder, and no others whatever the name. Needs no package of the HTTP adapter. */
export class AssetFolder {
  constructor(
    private readonly folder: string,
    private readonly names: readonly string[],
  ) {}

  /** @throws NotFoundException for a name that is not on the list. */
  async read(name: string): Promise<Asset> {
    if (!this.names.includes(name)) throw new NotFoundException();
    return new Asset(name, await readFile(join(this.folder, name)));
  }
}
