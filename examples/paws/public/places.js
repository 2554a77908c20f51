import { get } from './api.js';
import { byId, count, element, say } from './dom.js';

const cards = [];

/** Shows every place; needs no identity and makes none. */
export async function showPlaces() {
  const found = byId('found');
  try {
    for (const venue of await get('/venues')) {
      const card = cardOf(venue);
      cards.push({ card, words: Object.values(venue).join(' ').toLowerCase() });
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

function cardOf({ name, city, kind, description }) {
  return element(
    'li',
    { className: 'card' },
    element('p', { className: 'kind', textContent: `${kind}, ${city}` }),
    element('h3', { textContent: name }),
    element('p', { textContent: description }),
  );
}
