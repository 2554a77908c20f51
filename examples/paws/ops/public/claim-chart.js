import { barList } from './bar-list.js';
import { byId } from './dom.js';
import { count, sumOf } from './words.js';

const WORDS = {
  '1m': 'Within a minute',
  '10m': '10 minutes',
  '1h': 'An hour',
  '1d': 'A day',
  '7d': 'A week',
  '30d': '30 days',
  later: 'Later',
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
