import { get, post, put, remove } from './api.js';
import { byId, count, element, onClick } from './dom.js';

/** What can be marked on each place: it is a favourite, somebody was there. */
const feet = new Map();

/** As many as the server makes a treat of. */
const STAMPS_ON_A_CARD = 10;

export function setUpMarks() {
  const places = Array.from({ length: STAMPS_ON_A_CARD }, () => element('li'));
  byId('stamps').append(...places);
}

/** The foot of a place's card. @param changed called after something was marked. */
export function footOf({ id, name }, changed) {
  const heart = element('button', { type: 'button', className: 'heart' });
  heart.append(heartShape(), hidden(`Favourite: ${name}`));
  setPressed(heart, false);
  const been = element('button', { type: 'button', className: 'quiet', textContent: 'I was here' });
  been.append(hidden(`: ${name}`));
  const visits = element('span', { className: 'soft' });
  const result = element('p', { className: 'result', role: 'status' });
  onClick(heart, result, async () => {
    await (isPressed(heart) ? remove(`/favourites/${id}`) : put(`/favourites/${id}`));
    await changed();
  });
  onClick(been, result, async () => {
    await post(`/venues/${id}/visits`);
    await changed();
    return 'Noted, with a stamp on your card.';
  });
  feet.set(id, { heart, visits });
  return element('div', { className: 'foot' }, heart, been, visits, result);
}

export const NO_MARKS = { favourites: [], visits: [], card: { stamps: 0, treats: 0 } };

export async function loadMarks() {
  const [favourites, visits, card] = await Promise.all([
    get('/favourites'),
    get('/visits'),
    get('/stamp-card'),
  ]);
  return { favourites, visits, card };
}

export function showMarks({ favourites, visits, card }) {
  for (const [id, foot] of feet) {
    const times = visits.filter(({ venueId }) => venueId === id).length;
    setPressed(
      foot.heart,
      favourites.some(({ venueId }) => venueId === id),
    );
    foot.visits.textContent = times === 0 ? '' : count(times, 'visit');
  }
  showCard(card);
}

function showCard({ stamps, treats }) {
  for (const [n, place] of [...byId('stamps').children].entries()) {
    place.className = n < stamps ? 'stamped' : '';
  }
  byId('stamps-text').textContent = wordsAbout(stamps, treats);
}

function wordsAbout(stamps, treats) {
  if (stamps === 0 && treats === 0) return 'A stamp for each visit, a treat for ten.';
  const collected = treats === 0 ? '' : `, and ${count(treats, 'treat')} to collect`;
  return `${stamps} of ${STAMPS_ON_A_CARD} stamps${collected}.`;
}

const isPressed = (button) => button.getAttribute('aria-pressed') === 'true';
const setPressed = (button, is) => button.setAttribute('aria-pressed', String(is));
const hidden = (textContent) => element('span', { className: 'hidden', textContent });

function heartShape() {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(svg.namespaceURI, 'path');
  path.setAttribute(
    'd',
    'M12 20.500s-8-4.700-8-10.700a4.600 4.600 0 0 1 8-3 4.600 4.600 0 0 1 8 3c0 6-8 10.700-8 10.700z',
  );
  svg.append(path);
  return svg;
}
