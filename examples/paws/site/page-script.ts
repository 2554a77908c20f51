import { Injectable } from '@nestjs/common';
import { join } from 'node:path';
import { StartError } from '../start-error.js';
import { Asset } from './asset.js';

const PAWS = join(import.meta.dirname, '..');

/** Of the process: it is the same for all of its apps. */
let made: Promise<Buffer> | undefined;

/** The script of the page: its modules, better-auth's client and the one of this library, as one file in memory. */
@Injectable()
export class PageScript {
  async read(): Promise<Asset> {
    return new Asset('app.js', await this.make());
  }

  /**
   * Once, however often it is asked.
   * @throws StartError
   */
  make(): Promise<Buffer> {
    made ??= bundle(join(PAWS, 'page', 'app.js'));
    return made;
  }
}

/**
 * A module with all that it imports, as one script for browsers.
 * @throws StartError
 */
export async function bundle(module: string): Promise<Buffer> {
  // Not before somebody wants it: tests that show no page need none.
  const { build, stop } = await import('esbuild');
  try {
    const { outputFiles } = await build({
      entryPoints: [module],
      // Another host installs the package; this one lives beside its source, or beside that compiled.
      alias: { 'nestjs-anonymous/client': join(PAWS, '..', '..', 'src', 'client', 'index') },
      define: { 'process.env.NODE_ENV': '"production"' },
      bundle: true,
      format: 'esm',
      target: 'es2022',
      minify: true,
      legalComments: 'none',
      logLevel: 'silent',
      write: false,
    });
    return Buffer.from(outputFiles[0]!.contents);
  } catch (error) {
    throw new StartError(`The script of the page cannot be made: ${(error as Error).message}`);
  } finally {
    await stop();
  }
}
