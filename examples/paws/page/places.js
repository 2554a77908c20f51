import { get } from './api.js';
import { byId, count, element, say } from './dom.js';
import { footOf } from './marks.js';

const cards = [];

/**
 * Shows every place; needs no identity and makes none.
 * @param changed called after somebody has marked a place.
 */
export async function showPlaces(changed) {
  const found = byId('found');
  try {
    for (const venue of await get('/venues')) {
      const card = cardOf(venue, changed);
      cards.push({ card, words: wordsOf(venue) });
      byId('venues').append(card);
    }
    byId('find').addEventListener('input', filter);
    filter();
  } catch (error) {
    say(found, error.message, 'error');
  }
}

function filter() {
  const wanted = byId('find').value.trim().toLowerCase().split(/\s+/);
  for (const { card, words } of cards) card.hidden = !wanted.every((word) => words.includes(word));
  const shown = cards.filter(({ card }) => !card.hidden).length;
  say(byId('found'), shown === 0 ? 'No place like that. Try another word.' : count(shown, 'place'));
}

function wordsOf({ name, city, kind, description }) {
  return [name, city, kind, description].join(' ').toLowerCase();
}

function cardOf(venue, changed) {
  const { name, city, kind, description } = venue;
  return element(
    'li',
    { className: 'card' },
    element('p', { className: 'kind', textContent: `${kind}, ${city}` }),
    element('h2', { textContent: name }),
    element('p', { textContent: description }),
    footOf(venue, changed),
  );
}
