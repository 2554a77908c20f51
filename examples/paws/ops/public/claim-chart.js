import { barList } from './bar-list.js';
import { byId } from './dom.js';
import { count, sumOf } from './words.js';

const WORDS = {
  '1m': 'up to 1 minute',
  '10m': 'up to 10 minutes',
  '1h': 'up to 1 hour',
  '1d': 'up to 1 day',
  '7d': 'up to 1 week',
  '30d': 'up to 30 days',
  later: 'longer',
};

export function showClaims(buckets) {
  const all = sumOf(buckets, ({ guests }) => guests);
  byId('claims-note').textContent =
    all === 0
      ? 'No guest has become an account in these days.'
      : `How long it took ${count(all, 'guest')} to become an account, or to be merged into one.`;
  byId('claim-chart').replaceChildren(
    barList(buckets.map(({ within, guests }) => ({ words: WORDS[within], value: guests }))),
  );
}
