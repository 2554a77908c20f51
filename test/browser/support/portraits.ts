import type { Browser } from 'playwright-core';
import type { Picture } from './paws-page.js';

interface Coat {
  readonly name: string;
  readonly fur: string;
  readonly ears: string;
  readonly muzzle: string;
  readonly sky: string;
  readonly ground: string;
}

const COATS: readonly Coat[] = [
  {
    name: 'luna',
    fur: '#e9e4da',
    ears: '#b8aea0',
    muzzle: '#ffffff',
    sky: '#8fb7c9',
    ground: '#5d8a5a',
  },
  {
    name: 'rex',
    fur: '#c98f52',
    ears: '#7a4a24',
    muzzle: '#fbf3e4',
    sky: '#f0c987',
    ground: '#c46f3a',
  },
  {
    name: 'bo',
    fur: '#4a4542',
    ears: '#2a2624',
    muzzle: '#c9b8a4',
    sky: '#b9d3b0',
    ground: '#6f8f5f',
  },
];

/** What a dog looks like that sits still for once. */
function drawing({ fur, ears, muzzle, sky, ground }: Coat): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" width="400" height="400">
<rect width="100" height="100" fill="${sky}"/><circle cx="80" cy="20" r="9" fill="#fff" opacity=".7"/>
<path d="M0 70q30-14 55-4t45-6v40H0z" fill="${ground}"/>
<path d="M28 100q-2-26 22-27 24 1 22 27z" fill="${fur}"/>
<ellipse cx="50" cy="47" rx="23" ry="25" fill="${fur}"/>
<path d="M30 28q-15-2-15 17 0 14 8 13 8-2 9-18zM70 28q15-2 15 17 0 14-8 13-8-2-9-18z" fill="${ears}"/>
<ellipse cx="50" cy="60" rx="13" ry="12" fill="${muzzle}"/>
<circle cx="41" cy="43" r="3.400" fill="#221a15"/><circle cx="59" cy="43" r="3.400" fill="#221a15"/>
<circle cx="42" cy="42" r="1" fill="#fff"/><circle cx="60" cy="42" r="1" fill="#fff"/>
<ellipse cx="50" cy="55" rx="5" ry="3.600" fill="#221a15"/>
<path d="M50 58v4q-4 5-8 1m8-1q4 5 8 1" fill="none" stroke="#221a15" stroke-width="1.600" stroke-linecap="round"/>
<path d="M33 80q17 9 34 0" fill="none" stroke="#b5412f" stroke-width="4"/></svg>`;
}

/** Pictures of dogs as files, one for each coat. */
export async function portraits(browser: Browser): Promise<Picture[]> {
  const page = await browser.newPage({ viewport: { width: 400, height: 400 } });
  const pictures: Picture[] = [];
  for (const coat of COATS) {
    await page.setContent(drawing(coat));
    const buffer = await page.locator('svg').screenshot();
    pictures.push({ name: `${coat.name}.png`, mimeType: 'image/png', buffer });
  }
  await page.close();
  return pictures;
}
