import { byId, element } from './dom.js';
import { inWords, share, sumOf } from './words.js';

/** The numbers that people look at first. */
export function showTotals({ days, guests }) {
  const issued = sumOf(days, (day) => day.issued);
  const upgraded = sumOf(days, (day) => day.upgraded);
  const linked = sumOf(days, (day) => day.linked);
  const claimed = upgraded + linked;
  const period = `in ${days.length} days`;
  const part = share(claimed, issued);
  const tiles = [
    tile('Guests now', about(guests.guests, guests.isGuestsEstimated), 'without an account'),
    tile('Stale', about(guests.stale, guests.isStaleEstimated), 'not seen for long'),
    tile('Issued', inWords(issued), period),
    tile(
      'Got an account',
      inWords(claimed),
      part === null ? period : `${period}, ${part} of those issued`,
    ),
  ];
  byId('totals').replaceChildren(...tiles);
}

const about = (number, isEstimate) => (isEstimate ? `~ ${inWords(number)}` : inWords(number));

function tile(name, number, words) {
  return element(
    'div',
    {},
    element('dt', { textContent: name }),
    element(
      'dd',
      {},
      element('span', { className: 'number', textContent: number }),
      element('br'),
      element('span', { className: 'soft', textContent: words }),
    ),
  );
}
