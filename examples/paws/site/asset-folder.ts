import { NotFoundException, StreamableFile } from '@nestjs/common';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/** A few files of one folder, and no others whatever the name. Needs no package of the HTTP adapter. */
export class AssetFolder {
  constructor(
    private readonly folder: string,
    private readonly names: readonly string[],
  ) {}

  /** @throws NotFoundException for a name that is not on the list. */
  async read(name: string): Promise<StreamableFile> {
    if (!this.names.includes(name)) throw new NotFoundException();
    const content = await readFile(join(this.folder, name));
    return new StreamableFile(content, { type: TYPES[name.split('.').at(-1)!] });
  }
}
