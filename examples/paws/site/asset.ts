import { StreamableFile } from '@nestjs/common';
import { createHash } from 'node:crypto';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/** A file of a page. Where `AssetInterceptor` is in use, whoever has it already gets no second copy. */
export class Asset extends StreamableFile {
  /** Another one for any other content. */
  readonly tag: string;

  constructor(name: string, content: Buffer) {
    super(content, { type: TYPES[name.split('.').at(-1)!] });
    this.tag = `"${createHash('sha256').update(content).digest('base64url')}"`;
  }
}
