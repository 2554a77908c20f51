import { ask } from './ask.js';
import { barList } from './bar-list.js';
import { byId, onClick, say } from './dom.js';
import { count, lengthInWords } from './words.js';

const REASONS = {
  locked: 'in use right now',
  'open-link': 'has an open merge',
  'recently-merged': 'merged a day ago at most',
  'owns-rows': 'owns something',
  'has-dependents': 'others refer to it',
  'kept-by-host': 'kept by the app',
  failed: 'could not be deleted',
};

export function setUpReaper() {
  const result = byId('reaper-result');
  onClick(byId('dry-run'), result, async () => {
    say(result, 'One moment …');
    const { stale, reaped, kept, olderThanMs } = await ask('POST', '/ops/reaper/dry-run');
    const reasons = Object.entries(kept).filter(([, guests]) => guests > 0);
    const lines = [
      { words: 'would go', value: reaped },
      ...reasons.map(([reason, guests]) => ({ words: REASONS[reason] ?? reason, value: guests })),
    ];
    byId('reaper-report').replaceChildren(...(stale === 0 ? [] : [barList(lines)]));
    const since = lengthInWords(olderThanMs);
    if (stale === 0) return `Everybody was here within ${since}. Nobody would go.`;
    return `${count(stale, 'guest was', 'guests were')} not here for ${since}: ${count(reaped, 'would go', 'would go')}, ${count(stale - reaped, 'would stay', 'would stay')}.`;
  });
}
