import { ValidateBy } from 'class-validator';
import { UNPRINTABLE } from './plain-text.js';

const REMOTE = new RegExp(`^https?://[^\\s\\\\${UNPRINTABLE}]+$`, 'iu');
/** A second slash would make the next segment a host. */
const PATH = new RegExp(`^/(?!/)[^\\s\\\\${UNPRINTABLE}]*$`, 'u');

/** The photo itself. Only what a browser shows as pixels: an SVG could be more than that. */
const INLINE =
  /^data:image\/(png|jpeg|webp);base64,((?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/;

/** How files of these kinds begin, as far as it is always the same. */
const BEGINNINGS: Readonly<Record<string, readonly [at: number, bytes: string][]>> = {
  png: [[0, '89504e470d0a1a0a']],
  jpeg: [[0, 'ffd8ff']],
  webp: [
    [0, hex('RIFF')],
    [8, hex('WEBP')],
  ],
};

const LONGEST_ADDRESS = 2_048;
/** 40 kB of photo. */
export const LONGEST_PICTURE_URL = 56_000;

/** Where a picture is: an address on the web, a path on this site, or a small photo as it is. Nothing that could run. */
export function IsPictureUrl(): PropertyDecorator {
  return ValidateBy({
    name: 'isPictureUrl',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'string' && (isAddress(value) || isSmallPhoto(value)),
      defaultMessage: () =>
        '$property must be an http or https address, a path that starts with /, or a photo of at most 40 kB as a data URL',
    },
  });
}

function isAddress(value: string): boolean {
  if (value.length > LONGEST_ADDRESS) return false;
  return PATH.test(value) || (REMOTE.test(value) && URL.canParse(value));
}

function isSmallPhoto(value: string): boolean {
  if (value.length > LONGEST_PICTURE_URL) return false;
  const [, kind, content] = INLINE.exec(value) ?? [];
  if (!kind || !content) return false;
  const start = Buffer.from(content.slice(0, 16), 'base64').toString('hex');
  return BEGINNINGS[kind]!.every(([at, bytes]) => start.startsWith(bytes, 2 * at));
}

function hex(text: string): string {
  return Buffer.from(text).toString('hex');
}
