import { RequestError } from './errors.js';

/** The server takes no more of one. */
const LONGEST_URL = 56_000;

/** In pixels; a tile on the page has 72, and screens up to four for each of them. */
const LONGEST_SIDE = 480;

/**
 * The photo in this file as a data URL, made as small as it has to be. It never leaves the browser at its full size, nor with
 * the place where it was taken.
 * @throws RequestError
 */
export async function dataUrlOf(file) {
  const photo = await createImageBitmap(file).catch(() => {
    const text = 'This file cannot be shown as a photo. Choose a JPEG, a PNG or a WebP.';
    throw new RequestError(text, { fields: ['photo'] });
  });
  try {
    for (let side = LONGEST_SIDE; ; side *= 0.75) {
      const url = drawn(photo, side).toDataURL('image/jpeg', 0.8);
      if (url.length <= LONGEST_URL) return url;
    }
  } finally {
    photo.close();
  }
}

function drawn(photo, longestSide) {
  const scale = Math.min(1, longestSide / Math.max(photo.width, photo.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(photo.width * scale));
  canvas.height = Math.max(1, Math.round(photo.height * scale));
  const paper = canvas.getContext('2d');
  // A JPEG has no transparency; without this it would be black.
  paper.fillStyle = 'white';
  paper.fillRect(0, 0, canvas.width, canvas.height);
  paper.drawImage(photo, 0, 0, canvas.width, canvas.height);
  return canvas;
}
