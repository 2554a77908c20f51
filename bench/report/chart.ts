import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ALL, BARE } from '../run/contender-plans.js';
import type { CaseResult } from '../run/measure-case.js';
import type { Results } from './results.js';
import { rounded } from './table.js';

const file = fileURLToPath(new URL('../../docs/images/bench.svg', import.meta.url));

const WIDTH = 760;
const LABELS = 190;
const BAR = 16;
const GAP = 4;
const PLOT = WIDTH - LABELS - 90;
/** Cases that the chart shows, where they were measured. */
const SHOWN = ['issue-16', 'check-16', 'check-cached-16', 'links-16', 'sign-in-10'];

/** One group of bars for each case. Longer is better in all of them: rates as they are, times upside down. */
export function writeChart({ cases }: Results): void {
  const shown = SHOWN.flatMap((name) => cases.filter((result) => result.name === name));
  let y = 8;
  const groups = shown.map((result) => {
    const group = groupOf(result, y);
    y = group.end;
    return group.svg;
  });
  fs.mkdirSync(fileURLToPath(new URL('../../docs/images/', import.meta.url)), { recursive: true });
  fs.writeFileSync(
    file,
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img" aria-label="Medians of the benchmark">
<style>
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600 }
  .limit { fill: #8c959f }
  .fastify { fill: #1a7f37 }
  .express { fill: #4ac26b }
  .better-auth-node { fill: #bf8700 }
  .better-auth-nest { fill: #d4a72c }
  @media (prefers-color-scheme: dark) { text { fill: #d1d7e0 } .limit { fill: #7d8590 } }
</style>
${groups.join('\n')}
</svg>
`,
  );
}

function groupOf({ title, unit, isRate, medians }: CaseResult, top: number) {
  const bars = ALL.filter(({ name }) => medians[name] !== undefined);
  const worth = (name: string) => (isRate ? medians[name]! : medians[BARE.name]! / medians[name]!);
  const longest = Math.max(...bars.map(({ name }) => worth(name)));
  const lines = [`<text class="title" x="0" y="${top + 14}">${title} [${unit}]</text>`];
  let y = top + 24;
  for (const { name, title: label } of bars) {
    const length = Math.max(1, Math.round((worth(name) / longest) * PLOT));
    lines.push(
      `<text x="${LABELS - 8}" y="${y + 12}" text-anchor="end">${label}</text>`,
      `<rect class="${name}" x="${LABELS}" y="${y}" width="${length}" height="${BAR}" rx="2"/>`,
      `<text x="${LABELS + length + 6}" y="${y + 12}">${rounded(medians[name]!)}</text>`,
    );
    y += BAR + GAP;
  }
  return { svg: lines.join('\n'), end: y + 14 };
}
